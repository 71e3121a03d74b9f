//! What an attached database can be given, in SQLite's words.

use crate::adopt::Addition;

/// One index for each order of a list, those for looking up what belongs to a user, and the revoked tokens.
pub(crate) const ADDITIONS: &[Addition] = &[
    Addition {
        name: "rosterd_ix_user_created_at",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_created_at ON "user" (created_at, id)"#,
    },
    Addition {
        name: "rosterd_ix_user_updated_at",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_updated_at ON "user" (updated_at, id)"#,
    },
    Addition {
        name: "rosterd_ix_user_last_active_at",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_last_active_at ON "user" (last_active_at, id)"#,
    },
    Addition {
        name: "rosterd_ix_user_name",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_name ON "user" (name, id)"#,
    },
    Addition {
        name: "rosterd_ix_user_email",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_email ON "user" (email, id)"#,
    },
    Addition {
        name: "rosterd_ix_user_role",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_role ON "user" (role, id)"#,
    },
    Addition {
        name: "rosterd_ix_auth_email",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_auth_email ON auth (email)",
    },
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
];
