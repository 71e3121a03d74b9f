//! Where webhooks may lead (rules W1 and W2).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use super::draft::MAX_URL;
use crate::error::DomainError;

/// The field of every body that the URL comes in.
const FIELD: &str = "url";

/// The URL of a webhook (rule W1). `Debug` shows scheme, host and port: path and query may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

impl WebhookUrl {
    /// Reads a URL as somebody sent it. Where private networks may be reached, `http` will do too: there may be no certificates
    /// in them.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["url"]` for a text that is no absolute `https` URL with a host, or has more than [`MAX_URL`]
    /// bytes, a user name, a password or a fragment, and for an IP that may not be reached (rule W2).
    pub fn parse(text: &str, allow_private: bool) -> Result<Self, DomainError> {
        let wrong = |why: &str| Err(DomainError::field(FIELD, why));
        if text.len() > MAX_URL {
            return wrong("must not be longer than 2,000 bytes");
        }
        let Ok(url) = Url::parse(text) else {
            return wrong("must be a URL such as https://example.com/hook");
        };
        match url.scheme() {
            "https" => {}
            "http" if allow_private => {}
            "http" => {
                return wrong(
                    "must begin with https://; http:// is allowed with ROSTERD_WEBHOOK_ALLOW_PRIVATE=true only",
                );
            }
            _ => return wrong("must begin with https://"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("must not have a user name or a password; deliveries are signed instead");
        }
        if url.fragment().is_some() {
            return wrong("must not have a fragment (#), which is never sent");
        }
        let ip = match url.host() {
            None => return wrong("must have a host"),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        };
        if ip.is_some_and(|ip| !allow_private && !is_public(ip)) {
            return wrong(
                "must not lead to this machine, a private network or a reserved IP; ROSTERD_WEBHOOK_ALLOW_PRIVATE=true allows it",
            );
        }
        Ok(Self(url))
    }

    /// A URL as it is stored; `None` for a text that is none.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Url::parse(text).ok().map(Self)
    }

    /// The URL, for connecting and storing.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port: what may be told of it.
    #[must_use]
    pub fn origin(&self) -> String {
        let (scheme, host) = (self.0.scheme(), self.0.host_str().unwrap_or_default());
        match self.0.port() {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({})", self.origin())
    }
}

/// Whether an IP is one of the public internet (rule W2): not of this machine, its links or its networks, nor one that is
/// reserved for something else. By IANA's registries of special-purpose addresses.
#[must_use]
pub fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

#[expect(clippy::unnested_or_patterns, reason = "a pattern for each block that is reserved")]
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let reserved = matches!(
        ip.octets(),
        // This network; private ones; those of providers behind one IP; this machine; links.
        [0 | 10 | 127, ..] | [100, 64..=127, ..] | [169, 254, ..] | [172, 16..=31, ..] | [192, 168, ..]
        // Protocols; documentation; the former relay of 6to4; benchmarks.
        | [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _]
        // Multicast; the future; everybody.
        | [224..=255, ..]
    );
    !reserved
}

#[expect(clippy::unnested_or_patterns, reason = "a pattern for each block that is reserved")]
fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        // NAT64 (RFC 6052): an IPv4 by another name.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        // Of what is given out: protocols such as Teredo, documentation, 6to4.
        [0x2001, 0..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x2002, ..] | [0x3fff, 0..=0x0fff, ..] => false,
        // Nothing else is given out: this machine, links, private networks, multicast and IPv4 in IPv6 are beyond.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str, allow_private: bool) -> Option<String> {
        match WebhookUrl::parse(text, allow_private) {
            Ok(_url) => None,
            Err(DomainError::Field { path, message }) => {
                assert_eq!(path, ["url"]);
                Some(message)
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn w1_a_url_is_https_with_a_host_and_without_credentials() {
        for good in [
            "https://example.com",
            "https://hooks.example.com:8443/a/b?c=d",
            "https://[2606:4700::1]/",
            "https://9.9.9.9/",
        ] {
            assert_eq!(fault(good, false), None, "{good}");
        }
        for wrong in [
            "",
            "example.com/hook",
            "/hook",
            "https://",
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://user@example.com/",
            "https://user:word@example.com/",
            "https://:word@example.com/",
            "https://example.com/#top",
            "https://exa mple.com/",
        ] {
            assert!(fault(wrong, false).is_some(), "{wrong}");
        }
        assert!(fault(&format!("https://example.com/{}", "x".repeat(MAX_URL)), false).is_some());
        assert_eq!(fault("http://10.0.0.7:8080/hook", true), None);
        assert!(fault("http://user@10.0.0.7/", true).is_some());
    }

    #[test]
    fn w2_a_url_with_an_ip_that_may_not_be_reached_is_refused_however_it_is_written() {
        for hidden in [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "0177.0.0.1",
            "127.1",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
        ] {
            let url = format!("https://{hidden}/");
            assert!(fault(&url, false).is_some_and(|why| why.contains("private network")), "{hidden}");
            assert_eq!(fault(&url, true), None, "{hidden}");
        }
    }

    #[test]
    fn w2_only_ips_of_the_public_internet_are_public() {
        let public = [
            "9.9.9.9",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.17.0.1",
            "223.255.255.254",
        ];
        let public_v6 = ["2606:4700::1111", "2a00::1", "2001:200::1", "3fff:1000::1", "64:ff9b::909:909"];
        for ip in public.iter().chain(&public_v6) {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
        let others = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "198.18.0.1",
            "198.19.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
        ];
        let others_v6 = [
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:9.9.9.9",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:909:909::1",
            "3fff::1",
            "fc00::1",
            "fd00::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "5f00::1",
            "4000::1",
        ];
        for ip in others.iter().chain(&others_v6) {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn only_scheme_host_and_port_are_told() {
        let url = WebhookUrl::parse("https://hooks.example.com:8443/team/secret?key=secret", false).unwrap();
        assert_eq!(url.origin(), "https://hooks.example.com:8443");
        assert_eq!(format!("{url:?}"), "WebhookUrl(https://hooks.example.com:8443)");
    }
}
