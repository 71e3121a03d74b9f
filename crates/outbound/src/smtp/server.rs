//! Which server, and how it is reached: read from a URL.

use std::fmt;

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use url::{Host, Url};

/// How a connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// From its first byte (`smtps`).
    Implicit,
    /// By STARTTLS, or not at all used.
    Required,
    /// By STARTTLS where the server offers it.
    Opportunistic,
    /// Not.
    None,
}

/// A server for outgoing mails. `Debug` shows neither user name nor password.
#[derive(Clone)]
pub struct SmtpServer {
    host: Host,
    port: u16,
    tls: SmtpTls,
    user: Option<(String, SecretString)>,
}

impl SmtpServer {
    /// Reads `smtp://[user:password@]host[:port][?tls=required|opportunistic|none]` or `smtps://[user:password@]host[:port]`. The
    /// port is 25 or 465 if it is not named, and TLS required.
    ///
    /// # Errors
    /// What is wrong, as the rest of a sentence that repeats nothing of the URL.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const FORM: &str = "must be a URL such as smtps://user:password@mail.example.com or smtp://mail.example.com:587?tls=required";
        let url = Url::parse(text.trim()).map_err(|_why| FORM)?;
        let (port, implicit) = match url.scheme() {
            "smtp" => (25, false),
            "smtps" => (465, true),
            _ => return Err(FORM),
        };
        let host =
            url.host().map(|host| host.to_owned()).filter(|host| !host.to_string().is_empty()).ok_or(FORM)?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err("must end after host, port and ?tls=…: it has a path or a #");
        }
        let mut tls = if implicit { SmtpTls::Implicit } else { SmtpTls::Required };
        for (name, value) in url.query_pairs() {
            tls = match (name.as_ref(), value.as_ref()) {
                ("tls", "required") => tls,
                ("tls", "opportunistic") if !implicit => SmtpTls::Opportunistic,
                ("tls", "none") if !implicit => SmtpTls::None,
                ("tls", _) if implicit => return Err("is an smtps URL, which always has TLS: remove ?tls="),
                ("tls", _) => return Err("has a ?tls= that is none of required, opportunistic and none"),
                _ => return Err("has a parameter after ? that is not tls"),
            };
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().map(String::from);
        let user = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None) => return Err("must have both user name and password, or neither"),
            (user, Some(password)) => {
                let odd = |_why| "has a user name or password that is no UTF-8 after its % are resolved";
                Some((decoded(user).map_err(odd)?, SecretString::from(decoded(password).map_err(odd)?)))
            }
        };
        Ok(Self { host, port: url.port().unwrap_or(port), tls, user })
    }

    pub(super) fn host(&self) -> Host<&str> {
        match &self.host {
            Host::Domain(name) => Host::Domain(name),
            Host::Ipv4(ip) => Host::Ipv4(*ip),
            Host::Ipv6(ip) => Host::Ipv6(*ip),
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// How it is reached.
    #[must_use]
    pub fn tls(&self) -> SmtpTls {
        self.tls
    }

    /// User name and password.
    pub(super) fn credentials(&self) -> Option<(String, String)> {
        self.user.as_ref().map(|(user, password)| (user.clone(), password.expose_secret().to_owned()))
    }

    /// Whether user name and password would be sent in the clear.
    #[must_use]
    pub fn tells_password_in_the_clear(&self) -> bool {
        self.user.is_some() && matches!(self.tls, SmtpTls::None | SmtpTls::Opportunistic)
    }
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{} ({:?})", self.host, self.port, self.tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_how_the_server_is_reached() {
        for (url, shown) in [
            ("smtp://mail.example.com", "mail.example.com:25 (Required)"),
            ("smtp://mail.example.com:587/?tls=required", "mail.example.com:587 (Required)"),
            ("smtp://127.0.0.1:1025?tls=none", "127.0.0.1:1025 (None)"),
            ("smtp://[::1]:25?tls=opportunistic", "[::1]:25 (Opportunistic)"),
            ("smtps://u:p@mail.example.com", "mail.example.com:465 (Implicit)"),
            ("smtps://u:p@mail.example.com:1465?tls=required", "mail.example.com:1465 (Implicit)"),
        ] {
            assert_eq!(format!("{:?}", SmtpServer::parse(url).unwrap()), shown, "{url}");
        }
    }

    #[test]
    fn user_name_and_password_are_resolved_and_never_shown() {
        let server = SmtpServer::parse("smtp://ada%40example.com:s%C3%A9cret%2F@mail.example.com").unwrap();
        assert_eq!(server.credentials(), Some(("ada@example.com".to_owned(), "sécret/".to_owned())));
        assert!(!format!("{server:?}").contains("cret") && !format!("{server:?}").contains("ada"));
        assert!(!server.tells_password_in_the_clear());
        assert!(SmtpServer::parse("smtp://a:b@c?tls=none").unwrap().tells_password_in_the_clear());
    }

    #[test]
    fn what_is_wrong_is_said_without_the_url() {
        for url in [
            "",
            "mail.example.com",
            "http://sekret.example.com",
            "smtp://",
            "smtp://sekret@mail.example.com",
            "smtp://:sekret@mail.example.com",
            "smtp://u:sekret@mail.example.com/inbox",
            "smtp://u:sekret@mail.example.com?tls=maybe",
            "smtp://u:sekret@mail.example.com?timeout=3",
            "smtps://u:sekret@mail.example.com?tls=none",
            "smtp://u:sekret%FF@mail.example.com",
            "smtp://u:sekret@mail.example.com#x",
        ] {
            let problem = SmtpServer::parse(url).unwrap_err();
            assert!(!problem.contains("sekret"), "{url}: {problem}");
        }
    }
}
