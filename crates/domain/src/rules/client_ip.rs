//! The client IP of a request: the peer of the connection or, behind a trusted proxy, the IP that the proxy names.
//!
//! A client can send any header. So a header counts only as far as trusted proxies have written it. Each proxy
//! appends the peer that it saw, so the list is read from its end.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// A set of IPs, as ranges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpRanges(Vec<IpNet>);

impl IpRanges {
    /// All IPs of these ranges; [`parse_range`] reads one.
    #[must_use]
    pub fn new(ranges: Vec<IpNet>) -> Self {
        Self(ranges)
    }

    /// The IPs of the machine itself: `127.0.0.0/8` and `::1`.
    #[must_use]
    pub fn loopback() -> Self {
        let (v4, v6) = (IpAddr::from([127, 0, 0, 0]), IpAddr::from(Ipv6Addr::LOCALHOST));
        Self([IpNet::new(v4, 8), IpNet::new(v6, 128)].into_iter().flatten().collect())
    }

    /// The IPs of both.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.extend_from_slice(&other.0);
        self
    }

    /// Whether no IP is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this IP is in it. An IPv4 address that comes mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        let ip = ip.to_canonical();
        self.0.iter().any(|range| range.contains(&ip))
    }
}

/// Reads an IP or a range: `10.0.0.0/8`, `::1`. A range of IPv4 addresses that are mapped into IPv6
/// (`::ffff:10.0.0.0/104`) is one of IPv4.
///
/// # Errors
/// A sentence that says what is wrong with the text.
pub fn parse_range(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let (ip, prefix) = text.split_once('/').map_or((text, None), |(ip, prefix)| (ip, Some(prefix)));
    let ip: IpAddr = ip.parse().map_err(|_why| format!("`{ip}` is not an IP address"))?;
    let longest: u8 = if ip.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => longest,
        Some(text) => text
            .parse()
            .ok()
            .filter(|prefix| *prefix <= longest)
            .ok_or_else(|| format!("`{text}` is not a prefix length of 0 to {longest}"))?,
    };
    let canonical = ip.to_canonical();
    let (ip, prefix) = match prefix.checked_sub(MAPPED_BITS) {
        Some(prefix) if canonical.is_ipv4() && ip.is_ipv6() => (canonical, prefix),
        _ => (ip, prefix),
    };
    IpNet::new(ip, prefix).map_err(|_why| format!("`{text}` is not an IP range"))
}

/// Bits before the IPv4 address in one that is mapped into IPv6.
const MAPPED_BITS: u8 = 96;

/// How the header that names the client is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// IPs separated by commas, as in `X-Forwarded-For`.
    List,
    /// `for=…` elements, as in `Forwarded` (RFC 7239).
    Forwarded,
}

impl Syntax {
    /// The syntax of the header with this name.
    #[must_use]
    pub fn of(header: &str) -> Self {
        if header.eq_ignore_ascii_case("forwarded") { Self::Forwarded } else { Self::List }
    }
}

/// The client's IP, IPv4 in its plain form.
///
/// `lines` are the values of the one header that is configured, in the order in which they stand in the request. Where
/// `peer` is no trusted proxy they are ignored: the peer is the client. Else the client is the right-most entry that is
/// no trusted proxy itself, and the left-most where all of them are. An entry that is no IP (`unknown`, a name, garbage)
/// ends the reading: what stands left of it proves nothing, so the last good entry counts, or the peer.
#[must_use]
pub fn client_ip<'a>(
    peer: IpAddr,
    lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    syntax: Syntax,
    proxies: &IpRanges,
) -> IpAddr {
    let mut client = peer.to_canonical();
    if !proxies.contains(client) {
        return client;
    }
    for line in lines.rev() {
        for entry in entries_from_the_right(line).filter(|entry| !entry.is_empty()) {
            let Some(ip) = std::str::from_utf8(entry).ok().and_then(|entry| parse_entry(entry, syntax))
            else {
                return client;
            };
            client = ip;
            if !proxies.contains(client) {
                return client;
            }
        }
    }
    client
}

/// The IP by which a client is counted: an IPv6 network of 64 bits is one client, since anybody who has one IP of it
/// has them all.
#[must_use]
pub fn counted_as(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

/// What stands between the commas, the last first. Quotes are paired from the right too: a quote that a client left
/// open must not hide what a proxy wrote behind it.
fn entries_from_the_right(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let mut quoted = false;
        let comma = line.iter().rposition(|byte| {
            quoted ^= *byte == b'"';
            *byte == b',' && !quoted
        });
        let (before, entry) = match comma {
            Some(at) => (line.get(..at), line.get(at + 1..).unwrap_or_default()),
            None => (None, line),
        };
        rest = before;
        Some(entry.trim_ascii())
    })
}

fn parse_entry(entry: &str, syntax: Syntax) -> Option<IpAddr> {
    match syntax {
        Syntax::List => parse_node(entry),
        Syntax::Forwarded => {
            let mut nodes = entry.split(';').filter_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                name.trim().eq_ignore_ascii_case("for").then(|| value.trim())
            });
            let node = nodes.next()?;
            if nodes.next().is_some() { None } else { parse_node(node) }
        }
    }
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:4711`, each also in quotes.
fn parse_node(node: &str) -> Option<IpAddr> {
    let node = match node.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => node,
    };
    let ip = match node.strip_prefix('[') {
        Some(rest) => {
            let (ip, port) = rest.split_once(']')?;
            if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_port)) {
                return None;
            }
            IpAddr::V6(ip.parse().ok()?)
        }
        None => match node.split_once(':') {
            // More than one colon: IPv6 without brackets, which cannot have a port.
            Some((ip, port)) if !port.contains(':') => {
                if !is_port(port) {
                    return None;
                }
                IpAddr::V4(ip.parse().ok()?)
            }
            _ => node.parse().ok()?,
        },
    };
    Some(ip.to_canonical())
}

/// A number, or the `_name` that RFC 7239 lets a proxy send instead.
fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok()
        || text.strip_prefix('_').is_some_and(|name| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEER: &str = "10.0.0.1";

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn proxies(ranges: &[&str]) -> IpRanges {
        IpRanges::new(ranges.iter().map(|range| parse_range(range).unwrap()).collect())
    }

    /// The client behind a trusted peer, by these header lines.
    fn behind(syntax: Syntax, lines: &[&str]) -> String {
        let lines = lines.iter().map(|line| line.as_bytes());
        client_ip(ip(PEER), lines, syntax, &proxies(&["10.0.0.0/8", "2001:db8:1::/48"])).to_string()
    }

    #[test]
    fn the_header_of_a_peer_that_is_not_trusted_is_ignored() {
        let lines = || std::iter::once(b"203.0.113.9".as_slice());
        let client = |peer, proxies: &IpRanges| client_ip(ip(peer), lines(), Syntax::List, proxies);
        assert_eq!(client("192.0.2.1", &proxies(&["10.0.0.0/8"])), ip("192.0.2.1"));
        assert_eq!(client("10.0.0.1", &IpRanges::default()), ip("10.0.0.1"));
        assert_eq!(client("10.0.0.1", &proxies(&["10.0.0.0/8"])), ip("203.0.113.9"));
        assert_eq!(client("::ffff:10.0.0.1", &proxies(&["10.0.0.0/8"])), ip("203.0.113.9"));
    }

    #[test]
    fn the_right_most_entry_that_is_no_proxy_is_the_client() {
        for (lines, client) in [
            (&[][..], PEER),
            (&[""], PEER),
            (&[" , ,"], PEER),
            (&["203.0.113.9"], "203.0.113.9"),
            // What a client sent itself stands left of what the proxy appended.
            (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
            (&["198.51.100.1, 203.0.113.9, 10.7.0.1"], "203.0.113.9"),
            (&["198.51.100.1", "203.0.113.9,10.7.0.1", "10.7.0.2"], "203.0.113.9"),
            (&["203.0.113.9,,\t10.7.0.1 ,"], "203.0.113.9"),
            // All are proxies: the first of them asked for itself.
            (&["10.9.9.9, 10.7.0.1"], "10.9.9.9"),
            (&["2001:db8:2::1, 2001:db8:1::7"], "2001:db8:2::1"),
            (&["203.0.113.9, ::ffff:10.7.0.1"], "203.0.113.9"),
            (&["::ffff:203.0.113.9"], "203.0.113.9"),
        ] {
            assert_eq!(behind(Syntax::List, lines), client, "{lines:?}");
        }
    }

    #[test]
    fn nothing_left_of_garbage_is_believed() {
        for (line, client) in [
            ("203.0.113.9, unknown", PEER),
            ("203.0.113.9, nonsense, 10.7.0.1", "10.7.0.1"),
            ("203.0.113.9, 1.2.3", PEER),
            ("203.0.113.9, 1.2.3.4.5", PEER),
            ("203.0.113.9, 192.0.2.1:99999", PEER),
            ("203.0.113.9, 192.0.2.1:", PEER),
            ("203.0.113.9, [2001:db8::1", PEER),
            ("203.0.113.9, [2001:db8::1]x", PEER),
            ("203.0.113.9, [192.0.2.1]", PEER),
            ("203.0.113.9, \"192.0.2.1", PEER),
            ("203.0.113.9, fe80::1%eth0", PEER),
        ] {
            assert_eq!(behind(Syntax::List, &[line]), client, "{line}");
        }
        let bytes = std::iter::once(b"203.0.113.9, \xff".as_slice());
        assert_eq!(client_ip(ip(PEER), bytes, Syntax::List, &proxies(&[PEER])), ip(PEER));
    }

    #[test]
    fn an_entry_may_have_a_port_brackets_and_quotes() {
        for (entry, client) in [
            ("192.0.2.1:4711", "192.0.2.1"),
            ("\"192.0.2.1:4711\"", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("\"[2001:db8::1]:_a-b.c\"", "2001:db8::1"),
        ] {
            assert_eq!(behind(Syntax::List, &[entry]), client, "{entry}");
        }
    }

    #[test]
    fn forwarded_is_read_by_rfc_7239() {
        assert_eq!(Syntax::of("Forwarded"), Syntax::Forwarded);
        assert_eq!(Syntax::of("x-forwarded-for"), Syntax::List);
        for (line, client) in [
            ("for=192.0.2.60;proto=http;by=203.0.113.43", "192.0.2.60"),
            ("For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=192.0.2.43, for=198.51.100.17; proto=https, FOR = 10.7.0.1", "198.51.100.17"),
            ("for=192.0.2.43, for=unknown", PEER),
            ("for=192.0.2.43, for=_hidden, for=10.7.0.1", "10.7.0.1"),
            ("for=192.0.2.43, proto=https", PEER),
            ("for=192.0.2.43, for=198.51.100.17;for=198.51.100.18", PEER),
            // A quote that the client left open.
            ("for=\"198.51.100.1, for=203.0.113.9", "203.0.113.9"),
            ("for=\"198.51.100.1, for=10.7.0.1", "10.7.0.1"),
        ] {
            assert_eq!(behind(Syntax::Forwarded, &[line]), client, "{line}");
        }
    }

    #[test]
    fn a_range_holds_its_own_ips_only() {
        let trusted = proxies(&["10.1.0.0/16", "::1", "::ffff:172.16.0.0/108"]);
        for inside in ["10.1.255.3", "::ffff:10.1.0.9", "::1", "172.16.9.9", "::ffff:172.31.0.1"] {
            assert!(trusted.contains(ip(inside)), "{inside}");
        }
        for outside in ["10.2.0.1", "::a01:1", "::2", "172.32.0.1"] {
            assert!(!trusted.contains(ip(outside)), "{outside}");
        }
        let both = IpRanges::loopback().and(&trusted);
        assert!(["127.9.9.9", "::1", "10.1.0.1"].iter().all(|inside| both.contains(ip(inside))));
        assert!(!both.contains(ip("128.0.0.1")));
        assert!(proxies(&["0.0.0.0/0"]).contains(ip("8.8.8.8")));
        assert!(!proxies(&["0.0.0.0/0"]).contains(ip("2001:db8::1")));
    }

    #[test]
    fn a_malformed_range_is_named() {
        for (text, named) in [("10.0.0/8", "10.0.0"), ("10.0.0.0/33", "33"), ("::1/-1", "-1"), ("", "``")] {
            assert!(parse_range(text).is_err_and(|problem| problem.contains(named)), "{text}");
        }
    }

    #[test]
    fn ipv6_is_counted_by_its_network() {
        let counted = |text| counted_as(ip(text)).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(counted("192.0.2.1"), "192.0.2.1");
    }
}
