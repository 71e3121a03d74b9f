//! The recorded roster: four databases with the same rows, who is who in them, and what Open WebUI answered.
//!
//! All of it is embedded, so a test binary runs from any folder. The databases were made by Open WebUI itself:
//! 84 users (2 admins and 11 pending among them), 3 groups, an API key, two OAuth sessions and a shared chat.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The database as Open WebUI 0.6.43 made it, an SQLite file.
pub const WEBUI_SQLITE: &[u8] = include_bytes!("../fixtures/webui.sqlite");

/// The same rows in the schema Open WebUI 0.6.43 makes on PostgreSQL, as SQL for an empty database.
pub const WEBUI_POSTGRES: &str = include_str!("../fixtures/webui.pg.sql");

/// The first database after Open WebUI 0.12.4 had upgraded it: other `config` layout, more columns.
pub const WEBUI_0_12_SQLITE: &[u8] = include_bytes!("../fixtures/webui-0.12.4.sqlite");

/// The same rows in the schema Open WebUI 0.12.4 makes on PostgreSQL, as SQL for an empty database.
pub const WEBUI_0_12_POSTGRES: &str = include_str!("../fixtures/webui-0.12.4.pg.sql");

/// More rows for a database of Open WebUI 0.12.4, as SQL for either: chats, what is in the workspace, a tree of groups
/// with a ring, odd rows, statuses off, house settings, a template stored in part.
pub const MORE_0_12: &str = include_str!("../fixtures/users-0.12-data.sql");

/// The recorded exchanges of the users API of Open WebUI 0.12.4, in order.
pub const USERS_0_12_RECORDING: &str = include_str!("../fixtures/users-0.12.jsonl");

/// More of them, on a database with [`MORE_0_12`].
pub const USERS_0_12_MORE_RECORDING: &str = include_str!("../fixtures/users-0.12-data.jsonl");

/// The recorded exchanges of the users API, in order; see [`recordings`](crate::recordings).
pub const USERS_RECORDING: &str = include_str!("../fixtures/users.jsonl");

/// The recorded exchanges of accounts, groups and configuration, in order.
pub const IDENTITY_RECORDING: &str = include_str!("../fixtures/identity.jsonl");

/// The recorded exchanges of accounts, groups and configuration of Open WebUI 0.12.4, in order.
pub const IDENTITY_0_12_RECORDING: &str = include_str!("../fixtures/identity-0.12.jsonl");

/// Who is who in the recorded databases.
#[derive(Debug, Clone, Deserialize)]
pub struct Actors {
    /// The HS256 secret the recordings' tokens are signed with.
    pub secret: String,
    /// The password of every user listed here.
    pub password: String,
    /// User ids by short name (`ada` is the primary admin, `ben` the other admin).
    pub users: BTreeMap<String, String>,
    /// Group ids by short name.
    pub groups: BTreeMap<String, String>,
    /// API keys by the short name of their owner.
    pub api_keys: BTreeMap<String, String>,
    /// Chat ids by short name.
    pub chats: BTreeMap<String, String>,
}

impl Actors {
    /// The actors of the recorded databases.
    #[must_use]
    pub fn recorded() -> &'static Self {
        static ACTORS: LazyLock<Actors> = LazyLock::new(|| {
            serde_json::from_str(include_str!("../fixtures/actors.json")).expect("actors.json is valid")
        });
        &ACTORS
    }

    /// The id of a user by short name.
    #[must_use]
    pub fn user(&self, name: &str) -> &str {
        self.users.get(name).unwrap_or_else(|| panic!("the recorded roster has no user `{name}`"))
    }

    /// The e-mail address of a user by short name: `m07` is `member07@corp.example.org`, the others have their name
    /// at `example.com`.
    #[must_use]
    pub fn email(&self, name: &str) -> String {
        match name.strip_prefix('m').filter(|number| number.bytes().all(|byte| byte.is_ascii_digit())) {
            Some(number) => format!("member{number}@corp.example.org"),
            None => format!("{name}@example.com"),
        }
    }

    /// The id of a group by short name.
    #[must_use]
    pub fn group(&self, name: &str) -> &str {
        self.groups.get(name).unwrap_or_else(|| panic!("the recorded roster has no group `{name}`"))
    }
}
