//! `[metrics]`: where the metrics can be read, and by whom.

use std::fmt;

use rosterd_app::settings::MetricsPage;
use rosterd_domain::secret::MetricsToken;

use crate::config::parse::Parsed;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const LISTEN: Setting = Setting::new(
    "metrics.listen",
    "ROSTERD_METRICS_LISTEN",
    &[],
    Kind::Text,
    "",
    "IP or host name and port of a listener that has only GET /metrics, such as 127.0.0.1:9464; port 0 takes a free one.",
);
const TOKEN: Setting = Setting::new(
    "metrics.token",
    "ROSTERD_METRICS_TOKEN",
    &[],
    Kind::Secret,
    "",
    "Bearer token that GET /metrics needs: 16 to 256 letters, digits, -, ., _, ~, +, / and =. Without ROSTERD_METRICS_LISTEN, it makes the server answer GET /metrics at HOST and PORT. If neither is set, there are no metrics.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[LISTEN, TOKEN];

/// Where the metrics can be read, and by whom.
#[derive(Debug, Clone)]
pub struct MetricsConfig {
    /// Where their own listener is; `None`: there is none.
    pub listen: Option<Listen>,
    /// Where they are, and the token.
    pub page: MetricsPage,
}

/// What a listener is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// IP or host name.
    pub host: String,
    /// Port; 0 takes a free one.
    pub port: u16,
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

impl Listen {
    /// Reads `host:port`; an IPv6 IP stands in brackets.
    fn parse(text: &str) -> Parsed<Self> {
        let wrong = || {
            format!("`{text}` is not an IP or host name with a port, such as 127.0.0.1:9464 or [::1]:9464")
        };
        let (host, port) = text.trim().rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_no_port| wrong())?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        let host = bare.unwrap_or(host);
        if host.is_empty() || (bare.is_none() && host.contains(':')) {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl MetricsConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let listen = reader.read_optional(&LISTEN, Listen::parse);
        let token = reader.read_optional(&TOKEN, MetricsToken::parse);
        let (listen, token) = (listen?, token?);
        let page = match (&listen, token) {
            (None, None) => MetricsPage::Off,
            (None, Some(token)) => MetricsPage::Here(token),
            (Some(_), token) => MetricsPage::Apart(token),
        };
        Some(Self { listen, page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const TOKEN: (&str, &str) = ("ROSTERD_METRICS_TOKEN", "0123456789abcdef");

    #[test]
    fn where_the_metrics_are_follows_from_what_is_set() {
        let page = |variables: &[(&str, &str)]| {
            Config::from_variables(variables.iter().copied()).unwrap().metrics.page
        };
        let listen = ("ROSTERD_METRICS_LISTEN", "127.0.0.1:9464");
        assert!(matches!(page(&[]), MetricsPage::Off));
        assert!(matches!(page(&[TOKEN]), MetricsPage::Here(token) if token.is(TOKEN.1)));
        assert!(matches!(page(&[listen]), MetricsPage::Apart(None)));
        assert!(matches!(page(&[listen, TOKEN]), MetricsPage::Apart(Some(token)) if token.is(TOKEN.1)));
    }

    #[test]
    fn a_listener_is_a_host_and_a_port() {
        for (text, host, port) in [
            ("127.0.0.1:9464", "127.0.0.1", 9464),
            ("[::1]:0", "::1", 0),
            ("[::]:9464", "::", 9464),
            (" localhost:1 ", "localhost", 1),
        ] {
            let listen = Listen::parse(text).unwrap();
            assert_eq!((listen.host.as_str(), listen.port), (host, port));
            assert_eq!(listen.to_string(), text.trim());
        }
        for wrong in [
            "9464",
            ":9464",
            "127.0.0.1",
            "127.0.0.1:",
            "127.0.0.1:65536",
            "::1:9464",
            "[]:1",
            "[::1:1",
            "x:y",
        ] {
            assert!(Listen::parse(wrong).unwrap_err().contains("127.0.0.1:9464"), "{wrong}");
        }
    }

    #[test]
    fn a_wrong_value_is_named_and_a_token_is_not_shown() {
        let variables = [("ROSTERD_METRICS_LISTEN", "9464"), ("ROSTERD_METRICS_TOKEN", "too short")];
        let said = Config::from_variables(variables).unwrap_err().to_string();
        assert!(said.contains("ROSTERD_METRICS_LISTEN") && said.contains("ROSTERD_METRICS_TOKEN"), "{said}");
        assert!(!said.contains("too short"), "{said}");
    }
}
