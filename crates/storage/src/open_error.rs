//! Why a database cannot be opened. Each message says what is wrong and how to fix it.

use crate::StoreError;

/// Why a database was not opened. Each message says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// This build lacks the feature for that kind of database.
    #[error("this build has no support for {0} (it was compiled without that feature)")]
    NotBuilt(&'static str),
    /// The database did not accept a connection.
    #[error("cannot connect to {url}: {reason}")]
    Connect {
        /// The database's URL, without its password.
        url: String,
        /// The database's own words.
        reason: String,
    },
    /// Neither empty, nor ours, nor Open WebUI's.
    #[error(
        "{url} has tables, but neither rosterd's nor Open WebUI's (there is no table \"user\"); \
         name an empty database, one that rosterd made, or one of Open WebUI"
    )]
    Unrecognised {
        /// The database's URL, without its password.
        url: String,
    },
    /// There is no database yet, and none may be made here.
    #[error(
        "there is no database at {url} yet; `rosterd serve`, `rosterd migrate`, `rosterd migrate-from` and `rosterd user create` create one"
    )]
    Absent {
        /// The database's URL, without its password.
        url: String,
    },
    /// The database is ours and older than this program, and may not be brought up to date here.
    #[error("{url} was created by an older rosterd and does not have {}; run `rosterd migrate`", .problems.join("; "))]
    Outdated {
        /// The database's URL, without its password.
        url: String,
        /// One sentence for each table or column.
        problems: Vec<String>,
    },
    /// The database is empty and migrations are switched off.
    #[error("{url} is empty and migrations are switched off; run `rosterd migrate` first")]
    Empty {
        /// The database's URL, without its password.
        url: String,
    },
    /// Tables or columns this version needs are not there, or have another type. All of them are named.
    #[error("{url} does not have what rosterd needs: {}", .problems.join("; "))]
    Schema {
        /// The database's URL, without its password.
        url: String,
        /// One sentence for each table or column.
        problems: Vec<String>,
    },
    /// The schema that is to be used is not there, or the role may not use it.
    #[error("{url}: {}", no_schema(.named.as_deref(), *.there, .role))]
    NoSchema {
        /// The database's URL, without its password.
        url: String,
        /// What `DATABASE_SCHEMA` says; `None`: the role's search path, which leads nowhere.
        named: Option<String>,
        /// Whether a schema of that name exists.
        there: bool,
        /// The role that connected.
        role: String,
    },
    /// The schema is empty, but another one of the database looks like Open WebUI's: before the first migration, since
    /// it may well be the one that was meant.
    #[error("{url}: {}", elsewhere(.schema.as_deref(), .found, .role))]
    Elsewhere {
        /// The database's URL, without its password.
        url: String,
        /// The schema that would be used; `None`: the role's search path leads nowhere.
        schema: Option<String>,
        /// The others.
        found: Vec<OtherSchema>,
        /// The role that connected.
        role: String,
    },
    /// Tables are there that the role may not read.
    #[error(
        "{url}: the role {role} may not read {} in the schema {schema}; as their owner run: \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {} TO {}",
        .tables.join(", "), quoted(.schema), quoted(.role)
    )]
    Denied {
        /// The database's URL, without its password.
        url: String,
        /// The tables' schema.
        schema: String,
        /// The tables.
        tables: Vec<String>,
        /// The role that connected.
        role: String,
    },
    /// The database cannot hold every text: it is not encoded in UTF-8.
    #[error("{url} is encoded in {found}, which cannot store every name; rosterd needs UTF-8: {fix}")]
    Encoding {
        /// The database's URL, without its password.
        url: String,
        /// The encoding's name.
        found: String,
        /// How to make a database in UTF-8.
        fix: &'static str,
    },
    /// Migrations ran here that this version does not know.
    #[error(
        "{url} has migrations that this rosterd does not know ({}): it was made by a newer rosterd, or by another \
         program; use that version, or name another database. Nothing was changed",
        .versions.join(", ")
    )]
    Newer {
        /// The database's URL, without its password.
        url: String,
        /// Their versions, in order.
        versions: Vec<String>,
    },
    /// Accounts are being carried into it, and not all of them are there.
    #[error(
        "{url} has only a part of the accounts of {source_url}: a migration is not finished. Go on with \
         `rosterd migrate-from {source_url}`; with --restart it begins anew"
    )]
    Unfinished {
        /// The database's URL, without its password.
        url: String,
        /// Where the accounts come from, without a password.
        source_url: String,
    },
    /// A process was killed as it wrote, and what it had written has to be taken back by somebody who may write.
    #[error(
        "{url} was left in the middle of a write by a program that was killed, and here it is only read: start that program once, or \
         run `sqlite3 FILE 'SELECT count(*) FROM sqlite_master'` on it, which takes the write back; then give the command again"
    )]
    HalfWritten {
        /// The database's URL.
        url: String,
    },
    /// A migration failed; it was rolled back.
    #[error("a migration failed: {0}")]
    Migration(String),
    /// The schema could not be read.
    #[error("cannot read the schema of the database")]
    Inspect(#[source] StoreError),
    /// A thread, a folder or a file could not be made.
    #[error("the operating system did not provide a resource")]
    System(#[from] std::io::Error),
}

impl OpenError {
    /// The database at `url` gave this error to the first connection.
    pub(crate) fn connect(url: &crate::DatabaseUrl, error: &StoreError) -> Self {
        let reason = match error {
            StoreError::Unavailable { reason } => reason.clone(),
            StoreError::Database(error) => error.to_string(),
            other => other.to_string(),
        };
        Self::Connect { url: url.to_string(), reason: url.scrubbed(&reason) + url.hint() }
    }
}

/// A schema with tables named like Open WebUI's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherSchema {
    /// Its name.
    pub name: String,
    /// Those tables, in order.
    pub tables: Vec<String>,
    /// Whether the role may use the schema at all.
    pub usable: bool,
}

fn no_schema(named: Option<&str>, there: bool, role: &str) -> String {
    let role = quoted(role);
    match named {
        Some(name) if there => format!(
            "the role {role} may not use the schema that DATABASE_SCHEMA names, {name}; as its owner run: \
             GRANT USAGE ON SCHEMA {} TO {role}",
            quoted(name)
        ),
        Some(name) => format!(
            "there is no schema {name}, which DATABASE_SCHEMA names (upper and lower case differ); mend the name, or \
             make the schema: CREATE SCHEMA {} AUTHORIZATION {role}",
            quoted(name)
        ),
        None => format!(
            "no schema of the search path exists that the role {role} may use; name one with DATABASE_SCHEMA, or run: \
             GRANT USAGE, CREATE ON SCHEMA public TO {role}"
        ),
    }
}

fn elsewhere(schema: Option<&str>, found: &[OtherSchema], role: &str) -> String {
    let role = quoted(role);
    let others: Vec<String> = found
        .iter()
        .map(|other| {
            let usable = if other.usable { "" } else { "; the role may not use it" };
            format!("{} ({}{usable})", other.name, other.tables.join(", "))
        })
        .collect();
    let others = others.join(" and in ");
    let first = found.first().map(|other| other.name.as_str()).unwrap_or_default();
    let here = match schema {
        Some(schema) => format!("the schema {schema} has no table of rosterd or Open WebUI"),
        None => "no schema of the search path can be used".to_owned(),
    };
    let new = match schema {
        Some(schema) => {
            format!(". If a new, empty roster in {schema} is meant, set DATABASE_SCHEMA={schema}")
        }
        None => String::new(),
    };
    let grant = if found.iter().all(|other| other.usable) {
        String::new()
    } else {
        format!("GRANT USAGE ON SCHEMA {} TO {role}, and ", quoted(first))
    };
    format!(
        "{here}, but tables named like theirs are in {others}. If those are meant: {grant}set DATABASE_SCHEMA={first}, \
         or run ALTER ROLE {role} SET search_path TO {}{new}",
        quoted(first)
    )
}

/// A name as SQL takes it, whatever characters it has.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
