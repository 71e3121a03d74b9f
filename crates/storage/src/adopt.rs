//! What an attached database does not have, which of its rows are wrong, and adding rosterd's indexes and tables.
//! Nothing is removed or repaired here: duplicates and orphans are rows of Open WebUI, and a person has to decide
//! about them.

use rosterd_domain::ids::UserId;

use crate::{Store, StoreError, StoreResult};

/// What `rosterd adopt` shows before it does anything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdoptReport {
    /// E-mail addresses that several accounts share when case is ignored. While there are any, nothing but rosterd's
    /// own check stands in the way of another (rule R2).
    pub duplicate_emails: Vec<DuplicateEmail>,
    /// Rows whose user or group does not exist.
    pub orphans: Vec<Orphans>,
    /// Names of the indexes and tables that [`Store::adopt_apply`] would add, in that order.
    pub missing: Vec<String>,
}

/// One e-mail address, folded, and who has it, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateEmail {
    /// The e-mail address in lower case.
    pub email: String,
    /// At least two accounts.
    pub users: Vec<UserId>,
}

/// The rows of one table that belong to nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Orphans {
    /// The table's name.
    pub table: &'static str,
    /// The rows' ids, in order; at least one.
    pub ids: Vec<String>,
}

/// Something of ours that an attached database may lack.
pub(crate) struct Addition {
    /// Its name, which begins with `rosterd_`.
    pub(crate) name: &'static str,
    /// An index of Open WebUI's that does the same, where some version has one.
    pub(crate) instead: Option<&'static str>,
    /// The statement that makes it.
    pub(crate) sql: &'static str,
}

/// What either database is given by the same words.
pub(crate) const SHARED: &[Addition] = &[
    Addition {
        name: "rosterd_ix_api_key_user_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_api_key_user_id ON api_key (user_id)",
    },
    Addition {
        name: "rosterd_ix_group_member_user_id",
        instead: Some("ix_group_member_user_id_group_id"),
        sql: "CREATE INDEX rosterd_ix_group_member_user_id ON group_member (user_id, group_id)",
    },
    Addition {
        name: "rosterd_revoked_token",
        instead: None,
        sql: "CREATE TABLE rosterd_revoked_token (jti TEXT NOT NULL PRIMARY KEY, expires_at BIGINT)",
    },
    Addition {
        name: "rosterd_ix_revoked_token_expires_at",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_revoked_token_expires_at ON rosterd_revoked_token (expires_at)",
    },
    Addition {
        name: "rosterd_api_key",
        instead: None,
        sql: "CREATE TABLE rosterd_api_key (id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL, name TEXT NOT NULL, \
              hash TEXT NOT NULL UNIQUE, prefix TEXT NOT NULL, read_only BOOLEAN NOT NULL, allowed_paths TEXT, \
              created_at BIGINT NOT NULL, expires_at BIGINT, last_used_at BIGINT)",
    },
    Addition {
        name: "rosterd_ix_rosterd_api_key_user_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_rosterd_api_key_user_id ON rosterd_api_key (user_id)",
    },
    Addition {
        name: "rosterd_lease",
        instead: None,
        sql: "CREATE TABLE rosterd_lease (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until BIGINT NOT NULL)",
    },
    Addition {
        name: "rosterd_attempt",
        instead: None,
        sql: "CREATE TABLE rosterd_attempt (place BIGINT NOT NULL PRIMARY KEY, began_at BIGINT NOT NULL, \
              attempts BIGINT NOT NULL, attempts_before BIGINT NOT NULL)",
    },
    Addition {
        name: "rosterd_sign_in",
        instead: None,
        sql: "CREATE TABLE rosterd_sign_in (user_id TEXT NOT NULL PRIMARY KEY, signed_in_at BIGINT, failed BIGINT NOT NULL, \
              failed_at BIGINT, previous_at BIGINT, failed_before BIGINT NOT NULL)",
    },
    Addition {
        name: "rosterd_suspension",
        instead: None,
        sql: "CREATE TABLE rosterd_suspension (user_id TEXT NOT NULL PRIMARY KEY, since BIGINT NOT NULL, until BIGINT, \
              reason TEXT, role TEXT NOT NULL, active BOOLEAN NOT NULL)",
    },
    Addition {
        name: "rosterd_link",
        instead: None,
        sql: "CREATE TABLE rosterd_link (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT NOT NULL, \
              email TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, maker TEXT, created_at BIGINT NOT NULL, \
              expires_at BIGINT NOT NULL, UNIQUE (user_id, kind))",
    },
    Addition {
        name: "rosterd_unconfirmed",
        instead: None,
        sql: "CREATE TABLE rosterd_unconfirmed (user_id TEXT NOT NULL PRIMARY KEY, role TEXT NOT NULL, since BIGINT NOT NULL)",
    },
    Addition {
        name: "rosterd_deleted",
        instead: None,
        sql: "CREATE TABLE rosterd_deleted (user_id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, \
              role TEXT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT NOT NULL, deleted_by TEXT, \
              row_count BIGINT NOT NULL, bytes BIGINT NOT NULL)",
    },
    Addition {
        name: "rosterd_ix_deleted_deleted_at",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_deleted_deleted_at ON rosterd_deleted (deleted_at, user_id)",
    },
    Addition {
        name: "rosterd_deleted_row",
        instead: None,
        sql: "CREATE TABLE rosterd_deleted_row (user_id TEXT NOT NULL, table_name TEXT NOT NULL, number BIGINT NOT NULL, \
              content TEXT NOT NULL, PRIMARY KEY (user_id, table_name, number))",
    },
];

/// The index that finds an address: unique if no two accounts share one, and the other one if they do.
pub(crate) const UNIQUE_EMAIL: Addition = Addition {
    name: "rosterd_ux_user_email_lower",
    instead: Some("uq_user_email_lower"),
    sql: r#"CREATE UNIQUE INDEX rosterd_ux_user_email_lower ON "user" (lower(email))"#,
};

/// See [`UNIQUE_EMAIL`].
pub(crate) const SHARED_EMAIL: Addition = Addition {
    name: "rosterd_ix_user_email_lower",
    instead: Some("rosterd_ux_user_email_lower"),
    sql: r#"CREATE INDEX rosterd_ix_user_email_lower ON "user" (lower(email))"#,
};

impl Store {
    /// What an attached database misses, and which of its rows are wrong; changes nothing. For a standalone database, all of
    /// it is empty save for what somebody else may have put there.
    ///
    /// # Errors
    /// As [`Store::scan`].
    pub async fn adopt_report(&self) -> StoreResult<AdoptReport> {
        self.scan(|db| db.find_defects()).await
    }

    /// Adds what [`AdoptReport::missing`] lists to an attached database, all or nothing; gives the names. On
    /// PostgreSQL writers wait while an index is built. Open the store anew afterwards to make use of it.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn adopt_apply(&self) -> StoreResult<Vec<String>> {
        self.write::<_, StoreError, _>(|db| db.add_missing()).await
    }
}
