//! Which database: `DATABASE_URL`, or one of the other ways in which Open WebUI names it.
//!
//! Both programs read one environment, so what names a database to Open WebUI must name the same one here. Where that
//! cannot be, the start stops: a new and empty database in its place is the worst that can happen.

use std::path::{Path, PathBuf};

use rosterd_storage::{DatabaseUrl, ServerParts, UrlError};

use crate::config::parse::{self, Parsed};
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};
use crate::config::source::Origin;

/// The standalone database that is used where nothing names another one.
const OWN_FILE: &str = "./data/rosterd.db";

/// Open WebUI's database in its data folder.
const WEBUI_FILE: &str = "webui.db";

pub(super) const URL: Setting = Setting::new(
    "database.url",
    "DATABASE_URL",
    &[],
    Kind::DatabaseUrl,
    "sqlite:///./data/rosterd.db",
    "SQLite (sqlite:///relative, sqlite:////absolute) or PostgreSQL (postgresql://user:password@host/name). An Open WebUI database is recognised by its tables. The folder of a SQLite file is created, readable by its owner only.",
);
pub(super) const TYPE: Setting = Setting::new(
    "database.type",
    "DATABASE_TYPE",
    &[],
    Kind::Text,
    "",
    "postgresql: the database is named by DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_USER and DATABASE_PASSWORD, as in Open WebUI; together they have priority over DATABASE_URL. sqlite: a file, named by DATABASE_URL or DATA_DIR.",
);
pub(super) const HOST: Setting = Setting::new(
    "database.host",
    "DATABASE_HOST",
    &[],
    Kind::Text,
    "",
    "Server of that PostgreSQL database.",
);
pub(super) const PORT: Setting =
    Setting::new("database.port", "DATABASE_PORT", &[], Kind::Integer, "", "Its port.");
pub(super) const NAME: Setting =
    Setting::new("database.name", "DATABASE_NAME", &[], Kind::Text, "", "Its name.");
pub(super) const USER: Setting =
    Setting::new("database.user", "DATABASE_USER", &[], Kind::Text, "", "Role to connect as.");
pub(super) const PASSWORD: Setting = Setting::new(
    "database.password",
    "DATABASE_PASSWORD",
    &[],
    Kind::Secret,
    "",
    "Password of that role. As in Open WebUI, %40 and the like count as percent-encoded; other characters are used as they are.",
);
pub(super) const SCHEMA: Setting = Setting::new(
    "database.schema",
    "DATABASE_SCHEMA",
    &[],
    Kind::Text,
    "",
    "PostgreSQL schema of the tables. Default: the first schema of the role's search path. Set it to use an empty schema although another one has tables like Open WebUI's.",
);
pub(super) const DATA_DIR: Setting = Setting::new(
    "database.data_dir",
    "DATA_DIR",
    &[],
    Kind::Text,
    "./data",
    "Open WebUI's data folder. Its webui.db is used if no other setting names a database and there is no ./data/rosterd.db.",
);

/// The kinds of database that `DATABASE_TYPE` can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Type {
    Sqlite,
    Postgres,
}

/// What the settings beside `DATABASE_URL` say.
struct Parts {
    kind: Option<Type>,
    host: Option<String>,
    port: Option<u16>,
    name: Option<String>,
    user: Option<String>,
    password: Option<String>,
}

/// The database that is meant; `None` after noting a problem.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<DatabaseUrl> {
    let given = reader.read(&URL, |text| DatabaseUrl::parse(text).map_err(|error| error.to_string()));
    let parts = Parts::read(reader);
    let schema = reader.read_optional(&SCHEMA, schema);
    let data_dir = reader.read(&DATA_DIR, bare);
    let url = choose(reader, given?, &parts?, Path::new(&data_dir?))?;
    match schema? {
        Some(_) if url.is_sqlite() => {
            reader.conflict(
                &SCHEMA,
                "a SQLite database has no schemas; leave it empty, or name a PostgreSQL database",
            );
            None
        }
        Some(schema) => Some(url.with_schema(&schema)),
        None => Some(url),
    }
}

impl Parts {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let kind = reader.read_optional(&TYPE, type_of);
        let host = reader.read_optional(&HOST, bare);
        let port = reader.read_optional(&PORT, port);
        let name = reader.read_optional(&NAME, bare);
        let user = reader.read_optional(&USER, bare);
        let password = reader.read_optional(&PASSWORD, parse::text);
        Some(Self { kind: kind?, host: host?, port: port?, name: name?, user: user?, password: password? })
    }

    /// The settings of a server, each with whether it is set.
    fn server(&self) -> [(Setting, bool); 5] {
        [
            (HOST, self.host.is_some()),
            (PORT, self.port.is_some()),
            (NAME, self.name.is_some()),
            (USER, self.user.is_some()),
            (PASSWORD, self.password.is_some()),
        ]
    }

    /// Host, port, name and user of the database, if none of them is missing. Only a password may be missing.
    fn complete(&self) -> Option<ServerParts<'_>> {
        Some(ServerParts {
            user: self.user.as_deref()?,
            password: self.password.as_deref(),
            host: self.host.as_deref()?,
            port: self.port?,
            name: self.name.as_deref()?,
        })
    }
}

/// Open WebUI's choice: a server named whole, else `DATABASE_URL`, else the file in the data folder.
fn choose(
    reader: &mut Reader<'_>,
    given: DatabaseUrl,
    parts: &Parts,
    data_dir: &Path,
) -> Option<DatabaseUrl> {
    let (set, unset): (Vec<_>, Vec<_>) = parts.server().into_iter().partition(|(_, is_set)| *is_set);
    let named = |settings: &[(Setting, bool)]| -> Vec<String> {
        settings.iter().map(|(setting, _)| setting.variable.clone().into_owned()).collect()
    };
    let is_given = reader.origin(&URL) != Origin::Default;
    match (parts.kind, parts.complete()) {
        (Some(Type::Postgres), Some(server)) => {
            return on_server(reader, given, &server, &named(&set).join(", "));
        }
        (Some(Type::Sqlite), _) if !set.is_empty() => {
            let problem = format!(
                "sqlite is a file and has no {}; leave those empty, or write postgresql here",
                named(&set).join(", ")
            );
            reader.conflict(&TYPE, &problem);
            return None;
        }
        (None | Some(Type::Sqlite), _) if set.is_empty() => {}
        (kind, _) => {
            let mut told = named(&set);
            let mut missing = named(&unset);
            missing.retain(|name| *name != PASSWORD.variable);
            if kind.is_some() { &mut told } else { &mut missing }
                .insert(0, TYPE.variable.clone().into_owned());
            let (told, missing) = (told.join(", "), missing.join(", "));
            if !is_given {
                let first = if kind.is_some() {
                    TYPE
                } else {
                    set.into_iter().next().map_or(TYPE, |(first, _)| first)
                };
                let problem = format!(
                    "{told} alone cannot name a database: set {missing} too (DATABASE_TYPE=postgresql), or DATABASE_URL"
                );
                reader.conflict(&first, &problem);
                return None;
            }
            reader.warn(format!("{told} without {missing}: not used, since DATABASE_URL is set"));
        }
    }
    if is_given { Some(given) } else { in_folder(reader, given, data_dir) }
}

/// The server that is named whole, by the settings `named`, unless `DATABASE_URL` comes from a stronger source.
fn on_server(
    reader: &mut Reader<'_>,
    given: DatabaseUrl,
    server: &ServerParts<'_>,
    named: &str,
) -> Option<DatabaseUrl> {
    let url = match DatabaseUrl::on_server(server) {
        Ok(url) => url,
        Err(error) => {
            let problem =
                format!("DATABASE_HOST, DATABASE_PORT and DATABASE_NAME do not name a server: {error}");
            reader.conflict(&TYPE, &problem);
            return None;
        }
    };
    let origin = reader.origin(&URL);
    if origin.is_stronger_than(&reader.origin(&TYPE)) {
        reader
            .warn(format!("DATABASE_TYPE, {named} are not used: DATABASE_URL comes from a stronger source"));
        return Some(given);
    }
    if origin != Origin::Default && given != url {
        reader
            .warn(format!("DATABASE_URL is not used: as at Open WebUI, DATABASE_TYPE, {named} win over it"));
    }
    reader.derive(&URL, url.to_string(), &format!("DATABASE_TYPE, {named}"));
    Some(url)
}

/// Open WebUI's file where it is the only one. `own` is our default.
fn in_folder(reader: &mut Reader<'_>, own: DatabaseUrl, data_dir: &Path) -> Option<DatabaseUrl> {
    let file = data_dir.join(WEBUI_FILE);
    let is_there = |path: &Path| {
        path.try_exists().map_err(|error| format!("{} cannot be looked at ({error})", path.display()))
    };
    match (is_there(&file), is_there(&PathBuf::from(OWN_FILE))) {
        (Ok(true), Ok(false)) => {
            let url = DatabaseUrl::sqlite_file(&file.to_string_lossy());
            reader.derive(&URL, url.to_string(), "DATA_DIR");
            Some(url)
        }
        (Ok(true), Ok(true)) => {
            let problem = format!(
                "both {} of Open WebUI and {OWN_FILE} of rosterd are there; say which is meant: \
                 DATABASE_URL=sqlite:///{} or DATABASE_URL={}",
                file.display(),
                file.display(),
                URL.default
            );
            reader.conflict(&DATA_DIR, &problem);
            None
        }
        (Ok(false), Ok(_)) => {
            if reader.origin(&DATA_DIR) != Origin::Default {
                reader.warn(format!("there is no {}; the database is {own}", file.display()));
            }
            Some(own)
        }
        (Err(problem), _) | (_, Err(problem)) => {
            reader.conflict(&DATA_DIR, &format!("{problem}; name the database by DATABASE_URL"));
            None
        }
    }
}

fn type_of(text: &str) -> Parsed<Type> {
    let text = bare(text)?.to_ascii_lowercase();
    let (database, driver) = text.split_once('+').unwrap_or((&text, ""));
    match database {
        "postgres" | "postgresql" => Ok(Type::Postgres),
        "sqlite" if driver.contains("cipher") => Err(UrlError::Encrypted.to_string()),
        "sqlite" => Ok(Type::Sqlite),
        _ => Err("is no kind of database that rosterd can use; those are postgresql and sqlite".to_owned()),
    }
}

/// A schema's name, which is not repeated in an error of its own: the database says what it finds.
fn schema(text: &str) -> Parsed<String> {
    let name = bare(text)?;
    if name.contains(char::is_control) || name.len() > 63 {
        return Err("is no name of a schema: it has a control character, or more than 63 bytes".to_owned());
    }
    Ok(name)
}

fn port(text: &str) -> Parsed<u16> {
    // The text is not repeated: a password that got into the wrong variable would be shown.
    let number = bare(text)?.parse::<u16>().ok().filter(|port| *port > 0);
    number.ok_or_else(|| "is not a port, a number from 1 to 65535".to_owned())
}

/// The text, without blanks around it and without what env files leave around a value.
fn bare(text: &str) -> Parsed<String> {
    const QUOTES: [char; 3] = ['"', '\'', '`'];
    let text = text.trim();
    if text.starts_with(QUOTES) || text.ends_with(QUOTES) {
        return Err("begins or ends with a quotation mark; remove the quotation marks".to_owned());
    }
    Ok(text.to_owned())
}
