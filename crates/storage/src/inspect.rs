//! From a schema as the database describes it to a [`Layout`], or to a list of all that is missing. Pure: each
//! backend gathers its [`Schema`] in its own way.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryableByName;
use diesel::sql_types::Text;
use rosterd_domain::dialect::Dialect;

use crate::migrate_from::STATE;
use crate::required::{self, Table};
use crate::retype;
use crate::{ConfigLayout, Layout, Newer, OpenError, OtherSchema, Ownership, Search, StoreOptions};

/// The table in which Diesel notes the migrations it ran: the mark of a database that we made.
pub(crate) const MIGRATIONS_TABLE: &str = "__diesel_schema_migrations";

/// Where the accounts come from of a [migration](crate::migrate_from) that is not finished, by its table.
pub(crate) const MIGRATING: &str = "SELECT value FROM rosterd_migrating WHERE name = 'source'";

/// A row of [`MIGRATING`].
#[derive(QueryableByName)]
pub(crate) struct Migrating {
    #[diesel(sql_type = Text)]
    pub(crate) value: String,
}

/// The indexes for the orders of a list, in either kind of database.
const ORDERS: [&str; 6] = [
    "rosterd_ix_user_created_at",
    "rosterd_ix_user_updated_at",
    "rosterd_ix_user_last_active_at",
    "rosterd_ix_user_name",
    "rosterd_ix_user_email",
    "rosterd_ix_user_role",
];

/// What the database says about itself.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// Column names and declared types (in lower case) by table.
    pub(crate) tables: BTreeMap<String, BTreeMap<String, String>>,
    /// Names of indexes.
    pub(crate) indexes: BTreeSet<String>,
    /// Types bind values to bytes (PostgreSQL); SQLite's declared types promise nothing.
    pub(crate) typed: bool,
    /// There is an index on `lower(email)` of `user`.
    pub(crate) email_index: bool,
    /// SQLite is in WAL mode.
    pub(crate) wal: bool,
    /// The encoding of texts, by the database's own name for it.
    pub(crate) encoding: String,
    /// The versions of the migrations that ran here, in order.
    pub(crate) migrations: Vec<String>,
    /// The source of a migration into this database that is not finished.
    pub(crate) migrating: Option<String>,
    /// What lies around the tables, on PostgreSQL.
    pub(crate) around: Option<Surroundings>,
}

/// What a PostgreSQL server says about the schema and the role; SQLite has neither.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    /// The schema that comes first in the search path, if there is one the role may use.
    pub(crate) schema: Option<String>,
    /// The schema that `DATABASE_SCHEMA` names is there. `true` where it names none.
    pub(crate) named_is_there: bool,
    /// The role that connected.
    pub(crate) role: String,
    /// Tables of the schema that the role may not read.
    pub(crate) unreadable: BTreeSet<String>,
    /// Other schemas with tables named like Open WebUI's. Asked for only where the schema has no table `user`.
    pub(crate) elsewhere: Vec<OtherSchema>,
}

/// Whose database this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// No tables at all.
    Empty,
    /// Our migrations ran here.
    Standalone,
    /// Open WebUI's.
    Attached,
    /// Somebody else's.
    Unknown,
}

impl Schema {
    /// Whether the versions of migrations can be asked for.
    pub(crate) fn notes_migrations(&self) -> bool {
        let readable =
            self.around.as_ref().is_none_or(|around| !around.unreadable.contains(MIGRATIONS_TABLE));
        readable && self.has(MIGRATIONS_TABLE, "version")
    }

    /// Whether a migration into this database is not finished.
    pub(crate) fn is_migrating(&self) -> bool {
        self.has(STATE, "value")
    }

    /// Tells the four cases apart.
    pub(crate) fn recognise(&self) -> Recognised {
        if self.tables.contains_key(MIGRATIONS_TABLE) {
            Recognised::Standalone
        } else if self.tables.is_empty() {
            Recognised::Empty
        } else if self.tables.contains_key("user") {
            Recognised::Attached
        } else {
            Recognised::Unknown
        }
    }

    /// The layout of a database that has all that is needed.
    ///
    /// # Errors
    /// [`OpenError::Schema`] with all that is missing; [`OpenError::Outdated`] where our own migrations would add it.
    pub(crate) fn checked_layout(
        &self,
        ownership: Ownership,
        options: &StoreOptions,
    ) -> Result<Layout, OpenError> {
        let url = options.url.to_string();
        let layout = self.layout(ownership, options.dialect);
        layout.map(|layout| Layout { stored_settings: options.stored_settings, ..layout }).map_err(
            |problems| {
                if ownership == Ownership::Standalone && !options.migrate {
                    OpenError::Outdated { url, problems }
                } else {
                    OpenError::Schema { url, problems }
                }
            },
        )
    }

    /// The layout, or one sentence for every table and column that is missing or has a type we would misread.
    /// `standalone_dialect` is that of a standalone database; an attached one speaks to the front end that made it.
    pub(crate) fn layout(
        &self,
        ownership: Ownership,
        standalone_dialect: Dialect,
    ) -> Result<Layout, Vec<String>> {
        let key_value = self.has("config", "key") && self.has("config", "value");
        let dialect = match ownership {
            Ownership::Standalone => standalone_dialect,
            Ownership::Attached if key_value && self.has("user", "variables") => Dialect::V0_12,
            Ownership::Attached => Dialect::V0_6,
        };
        let (config, config_table) = if key_value || ownership == Ownership::Standalone {
            (ConfigLayout::KeyValue, required::CONFIG_KEY_VALUE)
        } else {
            (ConfigLayout::Document, required::CONFIG_DOCUMENT)
        };
        let beside: &[Table] = match ownership {
            Ownership::Standalone => required::OWN,
            Ownership::Attached if key_value => required::NEWEST,
            Ownership::Attached => &[],
        };
        let problems: Vec<String> = required::ALWAYS
            .iter()
            .chain([&config_table])
            .chain(beside)
            .flat_map(|table| self.problems_of(table))
            .collect();
        if !problems.is_empty() {
            return Err(problems);
        }
        let search = if ownership == Ownership::Attached {
            Search::Scan
        } else if self.tables.contains_key("rosterd_user_fts")
            || self.indexes.contains("rosterd_ix_user_search_trgm")
        {
            Search::Trigram
        } else {
            Search::Folded
        };
        Ok(Layout {
            ownership,
            dialect,
            config,
            stored_settings: true,
            group_parents: self.has("group", "parent_group_id"),
            session_stamp: self.has("auth", "session_stamp"),
            shared_chat: self.has("shared_chat", "chat_id") && self.has("shared_chat", "user_id"),
            newer: self.newer(),
            revocations: self.has("rosterd_revoked_token", "jti"),
            named_keys: self.has("rosterd_api_key", "hash"),
            sessions: self.has("rosterd_session", "ended_at"),
            leases: self.has("rosterd_lease", "until"),
            attempts: self.has("rosterd_attempt", "attempts_before"),
            events: self.has("rosterd_event", "seal") && self.has("rosterd_seal", "removed_seal"),
            sign_ins: self.has("rosterd_sign_in", "failed_before"),
            suspensions: self.has("rosterd_suspension", "active"),
            links: self.has("rosterd_link", "token_hash"),
            unconfirmed: self.has("rosterd_unconfirmed", "since"),
            webhooks: self.has("rosterd_webhook", "position")
                && self.has("rosterd_webhook_delivery", "next_at"),
            mails: self.has("rosterd_mail", "next_attempt_at"),
            scim: self.has("rosterd_scim_connection", "group_rule")
                && self.has("rosterd_scim_user", "version")
                && self.has("rosterd_scim_email", "is_primary")
                && self.has("rosterd_scim_group", "version"),
            deletions: self.has("rosterd_deleted", "deleted_at")
                && self.has("rosterd_deleted_row", "content"),
            counter: self.tables.contains_key("rosterd_counter"),
            member_names: self.tables.contains_key("rosterd_member_name"),
            email_index: self.email_index,
            orders: ORDERS.iter().all(|index| self.indexes.contains(*index)),
            search,
            wal: self.wal,
        })
    }

    fn newer(&self) -> Newer {
        let all = |table: &str, columns: &[&str]| columns.iter().all(|column| self.has(table, column));
        Newer {
            scim: self.has("user", "scim"),
            variables: self.has("user", "variables"),
            mfa: self.has("auth", "mfa"),
            chat_meta: self.has("chat", "meta"),
            chat_message: all(
                "chat_message",
                &["chat_id", "user_id", "role", "model_id", "usage", "output", "created_at"],
            ),
            message_meta: self.has("chat_message", "meta"),
            chat_file: self.has("chat_file", "chat_id"),
            automation_run: self.has("automation_run", "chat_id"),
            model: all("model", &["id", "user_id", "name", "is_active"]),
            knowledge: all("knowledge", &["id", "user_id", "name", "updated_at"]),
            tool: all("tool", &["id", "user_id", "name", "updated_at"]),
            access_grant: all(
                "access_grant",
                &["resource_type", "resource_id", "principal_type", "principal_id", "permission"],
            ),
        }
    }

    /// Whether this column exists.
    pub(crate) fn has(&self, table: &str, column: &str) -> bool {
        self.tables.get(table).is_some_and(|columns| columns.contains_key(column))
    }

    fn problems_of(&self, (table, wanted): &Table) -> Vec<String> {
        let Some(columns) = self.tables.get(*table) else {
            return vec![format!("table \"{table}\" is missing")];
        };
        wanted
            .iter()
            .filter_map(|(column, holds)| match columns.get(*column) {
                None => Some(format!("column \"{table}\".\"{column}\" is missing")),
                Some(found) if self.typed && !holds.postgres_types().contains(&found.as_str()) => {
                    let good = holds.postgres_types().join(" or ");
                    let schema = self.around.as_ref().and_then(|around| around.schema.as_deref());
                    let statement = retype::statement(schema, table, column, found, *holds);
                    Some(format!(
                        "column \"{table}\".\"{column}\" is {found}, but must be {good} ({statement})"
                    ))
                }
                Some(_) => None,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Open WebUI 0.6.43's schema as far as it is needed, on PostgreSQL.
    fn attached() -> Schema {
        let mut schema = Schema { typed: true, ..Schema::default() };
        for (table, columns) in required::ALWAYS.iter().chain([&required::CONFIG_DOCUMENT]) {
            let columns = columns
                .iter()
                .map(|(name, holds)| ((*name).to_owned(), holds.postgres_types()[0].to_owned()));
            schema.tables.insert((*table).to_owned(), columns.collect());
        }
        schema
    }

    #[test]
    fn four_kinds_of_database_are_told_apart() {
        assert_eq!(Schema::default().recognise(), Recognised::Empty);
        assert_eq!(attached().recognise(), Recognised::Attached);
        let mut own = attached();
        own.tables.insert(MIGRATIONS_TABLE.to_owned(), BTreeMap::new());
        assert_eq!(own.recognise(), Recognised::Standalone);
        let mut unknown = Schema::default();
        unknown.tables.insert("invoices".to_owned(), BTreeMap::new());
        assert_eq!(unknown.recognise(), Recognised::Unknown);
    }

    #[test]
    fn the_older_layout_is_read_from_the_schema() {
        let layout = attached().layout(Ownership::Attached, Dialect::V0_12).unwrap();
        assert_eq!((layout.config, layout.dialect), (ConfigLayout::Document, Dialect::V0_6));
        assert_eq!(layout.newer, Newer::default());
        assert_eq!(layout.search, Search::Scan);
        assert!(!layout.session_stamp && !layout.group_parents && !layout.shared_chat && !layout.revocations);
    }

    #[test]
    fn the_dialect_is_read_from_the_schema_unless_the_database_is_ours() {
        let mut schema = attached();
        let columns = [("key", "text"), ("value", "json"), ("updated_at", "bigint")];
        let columns = columns.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
        schema.tables.insert("config".to_owned(), columns.into());
        let halfway = schema.layout(Ownership::Attached, Dialect::V0_12).unwrap_err();
        assert_eq!(
            halfway,
            [
                "column \"auth\".\"session_stamp\" is missing",
                "column \"auth\".\"mfa\" is missing",
                "column \"group\".\"parent_group_id\" is missing",
            ]
        );
        for (table, column, kind) in
            [("auth", "session_stamp", "text"), ("auth", "mfa", "json"), ("group", "parent_group_id", "text")]
        {
            schema.tables.get_mut(table).unwrap().insert(column.to_owned(), kind.to_owned());
        }
        let dialect = |schema: &Schema| schema.layout(Ownership::Attached, Dialect::V0_12).unwrap().dialect;
        assert_eq!(dialect(&schema), Dialect::V0_6);
        schema.tables.get_mut("user").unwrap().insert("variables".to_owned(), "json".to_owned());
        assert_eq!(dialect(&schema), Dialect::V0_12);
        for (table, columns) in required::OWN {
            let columns = columns
                .iter()
                .map(|(name, holds)| ((*name).to_owned(), holds.postgres_types()[0].to_owned()));
            schema.tables.insert((*table).to_owned(), columns.collect());
        }
        for dialect in Dialect::ALL {
            assert_eq!(schema.layout(Ownership::Standalone, dialect).unwrap().dialect, dialect);
        }
    }

    #[test]
    fn everything_missing_is_named_at_once() {
        let mut schema = attached();
        schema.tables.remove("chat");
        schema.tables.get_mut("user").unwrap().remove("bio");
        schema.tables.get_mut("user").unwrap().insert("settings".to_owned(), "jsonb".to_owned());
        let problems = schema.layout(Ownership::Attached, Dialect::default()).unwrap_err();
        assert_eq!(
            problems,
            [
                "column \"user\".\"bio\" is missing",
                "column \"user\".\"settings\" is jsonb, but must be json or text \
                 (ALTER TABLE \"user\" ALTER COLUMN \"settings\" TYPE json USING \"settings\"::json)",
                "table \"chat\" is missing",
            ]
        );
    }
}
