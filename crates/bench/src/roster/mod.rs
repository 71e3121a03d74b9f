//! Databases full of made-up people, made once and kept under `target/bench-data`.

mod fill;
mod names;
pub(crate) mod people;

use std::fs;
use std::path::{Path, PathBuf};

use rosterd_domain::clock::{Clock as _, SystemClock};
use rosterd_storage::{DatabaseUrl, StoreOptions, migrations, raw};
use rosterd_testkit::fixtures::WEBUI_0_12_SQLITE;
use rosterd_testkit::postgres::{self, PostgresServer};
use rosterd_testkit::token;
use serde_json::json;

use crate::Result;
use crate::bare::SECRET;

/// Counted up when rosters are made in another way, so that old files are not taken for new ones.
const VERSION: u32 = 4;

/// Whose tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tables {
    /// Made by our migrations.
    Own,
    /// Made by Open WebUI 0.12.4: no WAL on SQLite, none of our indexes.
    WebUi,
}

/// In which order rows are written. It is that in which people came, unless said otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// That in which people came.
    Arrival,
    /// None: neither ids nor times go with the place of a row, as after years of imports and deletions.
    Shuffled,
}

/// How much there is of each person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// As everywhere.
    Full,
    /// Less than half of it, so that millions are made in minutes and fit on the disk: no profile images, and of whoever sends no
    /// requests neither long settings nor a session, and one group only.
    Slim,
}

/// What a file is filled with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Content {
    pub(crate) tables: Tables,
    pub(crate) order: Order,
    pub(crate) size: Size,
    pub(crate) users: usize,
}

impl Content {
    /// So many people in these tables, in the order in which they came.
    fn usual(tables: Tables, users: usize) -> Self {
        Self { tables, order: Order::Arrival, size: Size::Full, users }
    }

    /// Of the file, without the ending.
    fn name(self) -> String {
        let tables = match self.tables {
            Tables::Own => "own",
            Tables::WebUi => "webui",
        };
        let order = if self.order == Order::Shuffled { "-shuffled" } else { "" };
        let size = if self.size == Size::Slim { "-slim" } else { "" };
        format!("{tables}{order}{size}-{}-v{VERSION}", self.users)
    }
}

/// A database with so many people.
#[derive(Debug, Clone)]
pub(crate) struct Roster {
    /// For `DATABASE_URL`.
    pub(crate) url: String,
    /// Accounts.
    pub(crate) users: usize,
    tables: Tables,
}

impl Roster {
    /// An SQLite file, from the folder of kept ones or made now. Measurements that write take a [`copy`](Self::copy).
    pub(crate) fn sqlite(folder: &Path, tables: Tables, users: usize) -> Result<Self> {
        Self::kept(folder, Content::usual(tables, users))
    }

    /// The same people in our own tables, in another order.
    pub(crate) fn sqlite_in_order(folder: &Path, order: Order, users: usize) -> Result<Self> {
        Self::kept(folder, Content { order, ..Content::usual(Tables::Own, users) })
    }

    /// An SQLite file of our own tables with little of each person. Whoever asks for it removes it: it is large, and soon made again.
    pub(crate) fn slim(folder: &Path, users: usize) -> Result<Self> {
        Self::kept(folder, Content { size: Size::Slim, ..Content::usual(Tables::Own, users) })
    }

    fn kept(folder: &Path, content: Content) -> Result<Self> {
        let path = folder.join(format!("{}.db", content.name()));
        if !path.exists() {
            eprintln!("   making {}", path.display());
            let half_done = path.with_extension("part");
            remove(&half_done)?;
            fill::sqlite(&half_done, content)?;
            fs::rename(&half_done, &path)?;
        }
        Ok(Self::at(&path, content.users, content.tables))
    }

    /// A database on the test kit's PostgreSQL, which lives as long as this process; `None` without PostgreSQL.
    pub(crate) fn postgres(tables: Tables, users: usize) -> Result<Option<Self>> {
        let Some(server) = postgres_server() else { return Ok(None) };
        eprintln!("   making a PostgreSQL database of {users} users");
        let content = match tables {
            Tables::Own => postgres::Content::Migrated,
            Tables::WebUi => postgres::Content::WebUi012,
        };
        let url = server.url_of(&server.create_database(content));
        if tables == Tables::WebUi {
            raw::execute(&DatabaseUrl::parse(&url)?, &without_people())?;
        }
        fill::postgres(&url, Content::usual(tables, users))?;
        Ok(Some(Self { url, users, tables }))
    }

    /// The same in a database that is there and empty.
    pub(crate) fn postgres_at(url: String, users: usize) -> Result<Self> {
        migrations::run(&StoreOptions::new(DatabaseUrl::parse(&url)?))?;
        fill::postgres(&url, Content::usual(Tables::Own, users))?;
        Ok(Self::at_url(url, users))
    }

    /// The same people in a file that may be written to.
    pub(crate) fn copy(&self, folder: &Path, name: &str) -> Result<Self> {
        let from = self.url.strip_prefix("sqlite:///").ok_or("only SQLite files can be copied")?;
        let path = folder.join(format!("copy-{name}.db"));
        remove(&path)?;
        // A server may have left commits beside the file, and a file without them is none.
        raw::execute(&self.database()?, "PRAGMA wal_checkpoint(TRUNCATE)")?;
        fs::copy(from, &path)?;
        Ok(Self::at(&path, self.users, self.tables))
    }

    /// A file that a command is about to make.
    pub(crate) fn file(folder: &Path, name: &str, users: usize) -> Self {
        Self::at(&folder.join(format!("{name}.db")), users, Tables::Own)
    }

    /// A database of our own that somebody else makes.
    pub(crate) fn at_url(url: String, users: usize) -> Self {
        Self { url, users, tables: Tables::Own }
    }

    /// Length of the file.
    pub(crate) fn bytes(&self) -> Result<u64> {
        let path = self.url.strip_prefix("sqlite:///").ok_or("only SQLite has a file")?;
        Ok(fs::metadata(path)?.len())
    }

    /// Removes the file, if it is there.
    pub(crate) fn remove(&self) -> Result<()> {
        self.url.strip_prefix("sqlite:///").map_or(Ok(()), |path| remove(Path::new(path)))
    }

    /// Removes the file of a copy.
    pub(crate) fn discard(self) -> Result<()> {
        self.remove()
    }

    fn at(path: &Path, users: usize, tables: Tables) -> Self {
        Self { url: format!("sqlite:///{}", path.display()), users, tables }
    }

    /// The e-mail address as storage takes it.
    pub(crate) fn database(&self) -> Result<DatabaseUrl> {
        Ok(DatabaseUrl::parse(&self.url)?)
    }

    /// Tokens of many users, each in two groups. Those of our own tables name a session that is kept there.
    pub(crate) fn tokens(&self) -> Vec<String> {
        people::callers(self.users, people::CALLERS).map(|caller| self.session(&caller.id)).collect()
    }

    /// Ids of the same users.
    pub(crate) fn ids(&self) -> Vec<String> {
        people::callers(self.users, people::CALLERS).map(|caller| caller.id).collect()
    }

    /// The primary admin's token.
    pub(crate) fn admin(&self) -> Vec<String> {
        vec![self.session(&people::person(0, self.users).id)]
    }

    /// Tokens of the same users that name no session, as those of Open WebUI, and nothing else that is looked up.
    pub(crate) fn tokens_without_session(&self) -> Vec<String> {
        self.ids().iter().map(|id| without_session(id)).collect()
    }

    /// The primary admin's token of that kind.
    pub(crate) fn admin_without_session(&self) -> Vec<String> {
        vec![without_session(&people::person(0, self.users).id)]
    }

    /// A token that is good for a day.
    fn session(&self, user: &str) -> String {
        let ends = SystemClock.now() + 86_400;
        let claims = match self.tables {
            Tables::Own => json!({ "id": user, "jti": user, "exp": ends, "rosterd_session": true }),
            Tables::WebUi => json!({ "id": user, "jti": uuid::Uuid::new_v4().to_string(), "exp": ends }),
        };
        token::sign(&claims, SECRET.as_bytes())
    }
}

/// A token that is good for a day and names nothing but its user.
fn without_session(user: &str) -> String {
    token::sign(&json!({ "id": user, "exp": SystemClock.now() + 86_400 }), SECRET.as_bytes())
}

/// The test kit's PostgreSQL, with more memory than tests need: with theirs, each search of a million users would read the
/// pages of its matches from files again. docs/SCALING.md recommends a quarter of the machine's.
pub(crate) fn postgres_server() -> Option<&'static PostgresServer> {
    PostgresServer::shared_with("1GB")
}

/// The id of a group that every roster has.
pub(crate) fn group_id(number: usize) -> String {
    fill::group_id(number)
}

/// Removes an SQLite file with what lies beside it.
fn remove(path: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        match fs::remove_file(PathBuf::from(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}

/// An empty database of our own at this path.
fn migrated(path: &Path) -> Result<DatabaseUrl> {
    let url = DatabaseUrl::parse(&path.display().to_string())?;
    // Not through a store: the connections of its threads would end whenever they like.
    migrations::run(&StoreOptions::new(url.clone()))?;
    Ok(url)
}

/// The recorded database of Open WebUI at this path, without its people.
fn webui(path: &Path) -> Result<DatabaseUrl> {
    fs::write(path, WEBUI_0_12_SQLITE)?;
    let url = DatabaseUrl::parse(&path.display().to_string())?;
    raw::execute(&url, &without_people())?;
    Ok(url)
}

/// Empties the tables of the recorded database that hold people and what is theirs.
fn without_people() -> String {
    ["shared_chat", "chat", "oauth_session", "api_key", "group_member", "group", "auth", "user"]
        .map(|table| format!("DELETE FROM \"{table}\";"))
        .concat()
}
