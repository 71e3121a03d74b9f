//! The URL of a PostgreSQL database, taken apart by us before libpq sees it.
//!
//! libpq takes a URL apart in its own way and repeats pieces of it in its messages: where a password with `@` or `/` in it
//! broke the URL, those are pieces of the password. So a URL is refused here unless it can be read in one way only, and
//! what libpq gets is put together anew from the parts.

use std::fmt;
use std::net::Ipv6Addr;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{UrlError, mistake};

/// What stands in a part of a URL as it is: RFC 3986's unreserved characters, and `%`, since `%XX` is already encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'%');

/// The same, with `%` encoded too.
pub(super) const LITERAL: &AsciiSet = &ENCODED.add(b'%');

const RESERVED: UrlError = mistake(
    "cannot be parsed: the user or the password seems to have a character that has a meaning in URLs",
    "percent-encode it there: write `@` as %40, `:` as %3A, `/` as %2F, `?` as %3F, `#` as %23 and `%` as %25",
);

const BARE_PERCENT: UrlError = mistake(
    "has a `%` that is not followed by two hexadecimal digits, or %00",
    "percent-encode it: write a percent sign, in a password too, as %25",
);

const BLANK: UrlError =
    mistake("has a space", "remove it, or percent-encode it: a space in a password is written as %20");

const OPTION: UrlError = mistake(
    "has an option after `?` that libpq does not know, or one without a value",
    "write name=value as in ?sslmode=require and put `&` between options; a `?` in a password is percent-encoded, as %3F",
);

/// Options that libpq 18 knows in a URL.
const OPTIONS: &str = "service user password passfile channel_binding connect_timeout dbname host hostaddr port \
    client_encoding options application_name fallback_application_name keepalives keepalives_idle \
    keepalives_interval keepalives_count tcp_user_timeout sslmode sslnegotiation sslcompression sslcert sslkey \
    sslcertmode sslpassword sslrootcert sslcrl sslcrldir sslsni requirepeer require_auth min_protocol_version \
    max_protocol_version ssl_min_protocol_version ssl_max_protocol_version gssencmode krbsrvname gsslib \
    gssdelegation replication target_session_attrs load_balance_hosts scram_client_key scram_server_key \
    oauth_issuer oauth_client_id oauth_client_secret oauth_scope sslkeylogfile ssl";

/// The parts of a URL as other settings name them, for [`DatabaseUrl::on_server`](super::DatabaseUrl::on_server).
///
/// `user` and `password` are plain text, in which `%XX` counts as already percent-encoded, since Open WebUI puts them
/// into a URL as they are. `host` is a name, an IP (IPv6 with or without brackets) or the folder of a socket. `name` may
/// end in options, as in `webui?sslmode=require`.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "it holds a password")]
pub struct ServerParts<'a> {
    /// The role.
    pub user: &'a str,
    /// Its password.
    pub password: Option<&'a str>,
    /// The server.
    pub host: &'a str,
    /// Its port.
    pub port: u16,
    /// The database's name.
    pub name: &'a str,
}

/// The parts of a URL, each percent-encoded; the password as it was written.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PostgresUrl {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// `host:port`, several separated by commas.
    pub(super) hosts: String,
    pub(super) database: Option<String>,
    pub(super) options: Vec<(String, String)>,
    pub(super) schema: Option<String>,
    /// The user or the password held characters that only luck kept from breaking the URL.
    pub(super) bare: bool,
}

impl PostgresUrl {
    /// Parses what follows `postgresql://`.
    pub(super) fn parse(rest: &str) -> Result<Self, UrlError> {
        if rest.contains(char::is_whitespace) {
            return Err(BLANK);
        }
        // libpq takes user and password to reach to the first `@` before the first `/`. Any other `@` would give the
        // text a second meaning, of which one breaks a password apart.
        let (credentials, rest) = match rest.split_once('@') {
            Some((credentials, _)) if credentials.contains('/') => return Err(RESERVED),
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        if rest.contains('@') {
            return Err(RESERVED);
        }
        let (rest, options) = rest.split_once('?').map_or((rest, ""), |(rest, options)| (rest, options));
        let (hosts, database) =
            rest.split_once('/').map_or((rest, None), |(hosts, database)| (hosts, Some(database)));
        let (user, password) = match credentials.map(|text| text.split_once(':').ok_or(text)) {
            None => (None, None),
            Some(Ok((user, password))) => (Some(user), Some(password)),
            Some(Err(user)) => (Some(user), None),
        };
        // A `?` or `#` before any colon is no part of a user's name but the end of a URL without `/`.
        if user.is_some_and(|user| user.contains(['?', '#'])) {
            return Err(RESERVED);
        }
        for part in [user, password, Some(hosts), database, Some(options)].into_iter().flatten() {
            ensure_encoded(part)?;
        }
        hosts.split(',').try_for_each(ensure_host)?;
        Ok(Self {
            user: user.map(encoded),
            password: password.map(str::to_owned),
            hosts: hosts.to_owned(),
            database: database.map(str::to_owned),
            options: parse_options(options)?,
            schema: None,
            bare: password.is_some_and(|password| password.contains(['#', '?', '[', ']'])),
        })
    }

    /// Puts the URL together as Open WebUI does, and reads it.
    pub(super) fn of(parts: &ServerParts<'_>) -> Result<Self, UrlError> {
        let password = parts.password.map(|text| format!(":{}", credential(text))).unwrap_or_default();
        let host = match parts.host.trim() {
            ip if ip.parse::<Ipv6Addr>().is_ok() => format!("[{ip}]"),
            folder if folder.starts_with('/') => utf8_percent_encode(folder, LITERAL).to_string(),
            name => name.to_owned(),
        };
        let (name, options) = match parts.name.split_once('?') {
            Some((name, options)) => (name, format!("?{options}")),
            None => (parts.name, String::new()),
        };
        let name = utf8_percent_encode(name, LITERAL);
        Self::parse(&format!("{}{password}@{host}:{}/{name}{options}", credential(parts.user), parts.port))
    }

    pub(super) fn with_schema(self, schema: &str) -> Self {
        Self { schema: Some(schema.to_owned()), ..self }
    }

    /// The schema that stands in place of the role's search path.
    pub(crate) fn schema(&self) -> Option<&str> {
        self.schema.as_deref()
    }

    /// All before the options, with this for a password.
    pub(super) fn begin(&self, password: Option<&str>) -> String {
        let mut uri = "postgresql://".to_owned();
        if let Some(user) = &self.user {
            uri.push_str(user);
            if let Some(password) = password {
                uri.extend([":", password]);
            }
            uri.push('@');
        }
        uri.push_str(&self.hosts);
        if let Some(database) = &self.database {
            uri.extend(["/", database]);
        }
        uri
    }
}

/// A user or a password for a URL. `%XX` stays, as with Open WebUI; any other `%` is meant as it stands.
fn credential(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut whole = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_encoded = ensure_encoded(&format!("%{piece}")).is_ok();
        whole.extend([if is_encoded { "%" } else { "%25" }, piece]);
    }
    encoded(&whole)
}

/// Without the password, and without the options, which may name one too.
impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.begin(self.password.as_ref().map(|_| "***")))
    }
}

/// The text with all encoded but what stands for itself and what is encoded already.
pub(super) fn encoded(part: &str) -> String {
    utf8_percent_encode(part, ENCODED).to_string()
}

/// Every `%` is followed by two hexadecimal digits, and none of them stands for NUL.
fn ensure_encoded(part: &str) -> Result<(), UrlError> {
    part.split('%').skip(1).try_for_each(|after| match after.as_bytes() {
        [b'0', b'0', ..] => Err(BARE_PERCENT),
        [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => Ok(()),
        _ => Err(BARE_PERCENT),
    })
}

/// A host, or none, and its port, or none.
fn ensure_host(text: &str) -> Result<(), UrlError> {
    let (host, port) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (ip, after) = bracketed.split_once(']').ok_or(RESERVED)?;
            // A zone may follow, as in fe80::1%25eth0.
            let ip = ip.split('%').next().unwrap_or_default();
            if ip.parse::<Ipv6Addr>().is_err() {
                return Err(RESERVED);
            }
            let port = if after.is_empty() { None } else { Some(after.strip_prefix(':').ok_or(RESERVED)?) };
            ("", port)
        }
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let is_host = host.chars().all(|c| c.is_alphanumeric() || "-._~%".contains(c));
    let is_port = port.is_none_or(|port| port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0));
    if is_host && is_port { Ok(()) } else { Err(RESERVED) }
}

/// The options after `?`, each of which libpq must know: it would repeat what it does not.
fn parse_options(text: &str) -> Result<Vec<(String, String)>, UrlError> {
    let option = |pair: &str| match pair.split_once('=') {
        // SQLAlchemy's word for it, which Open WebUI takes too. libpq itself knows only `ssl=true`.
        Some(("ssl", mode)) if mode != "true" => Ok(("sslmode".to_owned(), mode.to_owned())),
        // A second `=` is libpq's end of the URL, but a part of the value everywhere else.
        Some((name, value)) if OPTIONS.split_whitespace().any(|known| known == name) => {
            Ok((name.to_owned(), value.replace('=', "%3D")))
        }
        _ => Err(OPTION),
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(option).collect()
}
