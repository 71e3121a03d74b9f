//! What an attached database can be given, in PostgreSQL's words: text in the order of its code points, as the lists
//! ask for it (rule L1).

use crate::adopt::Addition;

/// One index for each order of a list.
pub(crate) const ADDITIONS: &[Addition] = &[
    Addition {
        name: "rosterd_ix_user_created_at",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_created_at ON "user" (created_at, id COLLATE "C")"#,
    },
    Addition {
        name: "rosterd_ix_user_updated_at",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_updated_at ON "user" (updated_at, id COLLATE "C")"#,
    },
    Addition {
        name: "rosterd_ix_user_last_active_at",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_last_active_at ON "user" (last_active_at, id COLLATE "C")"#,
    },
    Addition {
        name: "rosterd_ix_user_name",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_name ON "user" (name COLLATE "C", id COLLATE "C")"#,
    },
    Addition {
        name: "rosterd_ix_user_email",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_email ON "user" (email COLLATE "C", id COLLATE "C")"#,
    },
    Addition {
        name: "rosterd_ix_user_role",
        instead: None,
        sql: r#"CREATE INDEX rosterd_ix_user_role ON "user" (role COLLATE "C", id COLLATE "C")"#,
    },
];
