//! What an attached database can be given, in SQLite's words.

use crate::adopt::Addition;

/// An e-mail address that is ASCII, as [`comparable`](rosterd_domain::email::comparable) gives it.
macro_rules! folded_email {
    () => {
        "lower(trim(email, char(9, 10, 11, 12, 13, 32)))"
    };
}
pub(super) use folded_email;

/// Whether an e-mail address is more than ASCII: only Rust can compare it.
macro_rules! email_beyond_ascii {
    () => {
        "length(CAST(email AS BLOB)) <> length(email)"
    };
}
pub(super) use email_beyond_ascii;

/// One index for each order of a list, one in which a search finds all that it looks at, and two that find who signs in however the e-mail address is written. It takes as
/// long to find an account as to find that there is none. Then the tables of sessions, of events, of webhooks,
/// of mails and of SCIM.
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
        name: "rosterd_ix_user_listed",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_user_listed ON \"user\" \
              (id, name, email, role, created_at, updated_at, last_active_at)",
    },
    Addition {
        name: "rosterd_ix_auth_email_folded",
        instead: None,
        sql: concat!("CREATE INDEX rosterd_ix_auth_email_folded ON auth (", folded_email!(), ")"),
    },
    Addition {
        name: "rosterd_ix_auth_email_beyond_ascii",
        instead: None,
        sql: concat!(
            "CREATE INDEX rosterd_ix_auth_email_beyond_ascii ON auth (id) WHERE ",
            email_beyond_ascii!()
        ),
    },
    Addition {
        name: "rosterd_session",
        instead: None,
        sql: "CREATE TABLE rosterd_session (id TEXT PRIMARY KEY NOT NULL, user_id TEXT NOT NULL, method TEXT NOT NULL, \
              created_at BIGINT NOT NULL, last_seen_at BIGINT NOT NULL, expires_at BIGINT, ended_at BIGINT, \
              client_ip TEXT, user_agent TEXT) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_ix_session_user_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_session_user_id ON rosterd_session (user_id, created_at, id)",
    },
    Addition {
        name: "rosterd_ix_session_expires_at",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_session_expires_at ON rosterd_session (expires_at)",
    },
    Addition {
        name: "rosterd_event",
        instead: None,
        sql: "CREATE TABLE rosterd_event (id TEXT PRIMARY KEY NOT NULL, at BIGINT NOT NULL, action TEXT NOT NULL, \
              actor_kind TEXT NOT NULL, actor_id TEXT, actor_via TEXT, actor_credential TEXT, client_ip TEXT, request_id \
              TEXT, subject_kind TEXT, subject_id TEXT, subject_label TEXT, details TEXT, count BIGINT, salt TEXT NOT \
              NULL, erased BOOLEAN NOT NULL DEFAULT FALSE, position BIGINT, seal TEXT)",
    },
    Addition {
        name: "rosterd_ix_event_tail_subject",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_event_tail_subject ON rosterd_event ((position / 512), substr(subject_id, -8)) \
              WHERE position IS NOT NULL",
    },
    Addition {
        name: "rosterd_ix_event_tail_actor",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_event_tail_actor ON rosterd_event ((position / 512), substr(actor_id, -8)) \
              WHERE position IS NOT NULL AND actor_id IS NOT NULL AND (subject_id IS NULL OR subject_id <> actor_id)",
    },
    Addition {
        name: "rosterd_ix_event_unsealed",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_event_unsealed ON rosterd_event (id) WHERE position IS NULL",
    },
    Addition {
        name: "rosterd_ix_event_position",
        instead: None,
        sql: "CREATE UNIQUE INDEX rosterd_ix_event_position ON rosterd_event (position) WHERE position IS NOT NULL",
    },
    Addition {
        name: "rosterd_seal",
        instead: None,
        sql: "CREATE TABLE rosterd_seal (chain TEXT PRIMARY KEY NOT NULL, position BIGINT NOT NULL, seal TEXT NOT NULL, \
              removed_position BIGINT NOT NULL, removed_seal TEXT NOT NULL) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_webhook",
        instead: None,
        sql: "CREATE TABLE rosterd_webhook (id TEXT PRIMARY KEY NOT NULL, url TEXT NOT NULL, events TEXT NOT \
              NULL, description TEXT NOT NULL, secret TEXT NOT NULL, previous_secret TEXT, previous_until \
              BIGINT, disabled_at BIGINT, disabled_reason TEXT, position BIGINT NOT NULL, created_at BIGINT NOT \
              NULL, updated_at BIGINT NOT NULL) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_webhook_delivery",
        instead: None,
        sql: "CREATE TABLE rosterd_webhook_delivery (webhook_id TEXT NOT NULL, event_id TEXT NOT NULL, position \
              BIGINT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL, tries BIGINT NOT NULL, next_at \
              BIGINT, last_at BIGINT, status BIGINT, error TEXT, created_at BIGINT NOT NULL, PRIMARY KEY \
              (webhook_id, event_id)) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_ix_webhook_delivery_position",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_webhook_delivery_position ON rosterd_webhook_delivery (webhook_id, \
              position)",
    },
    Addition {
        name: "rosterd_ix_webhook_delivery_waiting",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_webhook_delivery_waiting ON rosterd_webhook_delivery (webhook_id, subject, \
              position) WHERE next_at IS NOT NULL",
    },
    Addition {
        name: "rosterd_mail",
        instead: None,
        sql: "CREATE TABLE rosterd_mail (id TEXT PRIMARY KEY NOT NULL, kind TEXT NOT NULL, user_id TEXT, recipient TEXT \
              NOT NULL, language TEXT NOT NULL, link_id TEXT, data TEXT NOT NULL, state TEXT NOT NULL, attempts BIGINT \
              NOT NULL, next_attempt_at BIGINT, last_error TEXT, created_at BIGINT NOT NULL, sent_at BIGINT) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_ix_mail_due",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_mail_due ON rosterd_mail (next_attempt_at, id) WHERE next_attempt_at IS NOT NULL",
    },
    Addition {
        name: "rosterd_ix_mail_state",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_mail_state ON rosterd_mail (state, id)",
    },
    Addition {
        name: "rosterd_ix_mail_user_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_mail_user_id ON rosterd_mail (user_id)",
    },
    Addition {
        name: "rosterd_scim_connection",
        instead: None,
        sql: "CREATE TABLE rosterd_scim_connection (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL UNIQUE, \
              token_hash TEXT NOT NULL UNIQUE, old_token_hash TEXT UNIQUE, old_token_until BIGINT, default_role \
              TEXT NOT NULL, links_by_email BOOLEAN NOT NULL, takes_passwords BOOLEAN NOT NULL, deletes_accounts \
              BOOLEAN NOT NULL, group_rule TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT, \
              last_used_at BIGINT) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_scim_user",
        instead: None,
        sql: "CREATE TABLE rosterd_scim_user (connection_id TEXT NOT NULL, user_id TEXT NOT NULL, made BOOLEAN NOT \
              NULL, hidden_at BIGINT, suspended_since BIGINT, user_name TEXT NOT NULL, user_name_key TEXT NOT \
              NULL, external_id TEXT, display_name TEXT, display_key TEXT, formatted TEXT, formatted_key TEXT, \
              family_name TEXT, family_key TEXT, given_name TEXT, given_key TEXT, created_at BIGINT NOT NULL, \
              updated_at BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY (connection_id, user_id), UNIQUE \
              (connection_id, user_name_key)) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_ix_scim_user_external_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_user_external_id ON rosterd_scim_user (connection_id, external_id)",
    },
    Addition {
        name: "rosterd_ix_scim_user_display_key",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_user_display_key ON rosterd_scim_user (connection_id, display_key)",
    },
    Addition {
        name: "rosterd_ix_scim_user_seen",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_user_seen ON rosterd_scim_user (connection_id, hidden_at, \
              created_at, user_id)",
    },
    Addition {
        name: "rosterd_ix_scim_user_user_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_user_user_id ON rosterd_scim_user (user_id)",
    },
    Addition {
        name: "rosterd_scim_email",
        instead: None,
        sql: "CREATE TABLE rosterd_scim_email (connection_id TEXT NOT NULL, user_id TEXT NOT NULL, position TEXT \
              NOT NULL, value TEXT NOT NULL, value_key TEXT NOT NULL, display TEXT, display_key TEXT, kind TEXT, \
              kind_key TEXT, is_primary BOOLEAN, PRIMARY KEY (connection_id, user_id, position)) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_ix_scim_email_value_key",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_email_value_key ON rosterd_scim_email (connection_id, value_key)",
    },
    Addition {
        name: "rosterd_ix_scim_email_user_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_email_user_id ON rosterd_scim_email (user_id)",
    },
    Addition {
        name: "rosterd_scim_group",
        instead: None,
        sql: "CREATE TABLE rosterd_scim_group (connection_id TEXT NOT NULL, group_id TEXT NOT NULL, made BOOLEAN \
              NOT NULL, hidden_at BIGINT, display_name TEXT NOT NULL, display_key TEXT NOT NULL, external_id TEXT, \
              created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, version BIGINT NOT NULL, PRIMARY KEY \
              (connection_id, group_id)) WITHOUT ROWID",
    },
    Addition {
        name: "rosterd_ix_scim_group_external_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_group_external_id ON rosterd_scim_group (connection_id, external_id)",
    },
    Addition {
        name: "rosterd_ix_scim_group_display_key",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_group_display_key ON rosterd_scim_group (connection_id, display_key)",
    },
    Addition {
        name: "rosterd_ix_scim_group_created_at",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_group_created_at ON rosterd_scim_group (connection_id, created_at, \
              group_id)",
    },
    Addition {
        name: "rosterd_ix_scim_group_group_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_group_group_id ON rosterd_scim_group (group_id)",
    },
];

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection;
    use diesel::prelude::*;
    use diesel::sql_types::Text;
    use diesel::sqlite::{Sqlite, SqliteConnection};

    use rosterd_domain::list::{ListQuery, Order, SearchText};

    use super::*;
    use crate::schema::{auths, events};
    use crate::sqlite::dialect::{about, in_blocks, may_sign_in};
    use crate::sqlite::kept::{KEEP, pass_over};

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    fn steps(conn: &mut SqliteConnection, query: &str) -> Vec<String> {
        let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load(conn).unwrap();
        steps.into_iter().map(|step| step.detail).collect()
    }

    #[test]
    fn who_is_listed_is_found_without_reading_the_table() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        // As Open WebUI makes it: SQLite takes an index whose columns are declared to be narrower than the table's.
        conn.batch_execute(
            "CREATE TABLE user (id VARCHAR(255) NOT NULL, name VARCHAR(255) NOT NULL, email VARCHAR(255) NOT NULL, \
             role VARCHAR(255) NOT NULL, profile_image_url TEXT NOT NULL, created_at INTEGER NOT NULL, \
             updated_at INTEGER NOT NULL, last_active_at INTEGER NOT NULL, username VARCHAR(50), bio TEXT, gender TEXT, \
             date_of_birth DATE, profile_banner_image_url TEXT, timezone VARCHAR, presence_state VARCHAR, \
             status_emoji VARCHAR, status_message TEXT, status_expires_at BIGINT, oauth JSON, info JSON, settings JSON, \
             CONSTRAINT pk_user_id PRIMARY KEY (id), CONSTRAINT uq_user_id UNIQUE (id))",
        )
        .unwrap();
        for addition in ADDITIONS.iter().filter(|addition| addition.sql.contains("ON \"user\"")) {
            conn.batch_execute(addition.sql).unwrap();
        }
        let keep = steps(&mut conn, KEEP);
        assert_eq!(keep, ["SCAN user USING COVERING INDEX rosterd_ix_user_listed"]);
        for by in ["created_at", "updated_at", "last_active_at", "name", "email", "role", "group_id:g"] {
            let search = SearchText::new("ann");
            let query = ListQuery::page(search, Order::parse(Some(by), None), 1);
            let query = pass_over(&query).rows::<Text>();
            let query = diesel::debug_query::<Sqlite, _>(&query).to_string();
            let pass = steps(&mut conn, query.split(" -- binds").next().unwrap());
            assert_eq!(pass, ["SCAN user USING COVERING INDEX rosterd_ix_user_listed"], "{by}");
        }
    }

    #[test]
    fn events_about_a_subject_are_found_by_the_blocks_of_their_positions() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        for addition in ADDITIONS.iter().filter(|addition| addition.sql.contains(" rosterd_event ")) {
            conn.batch_execute(addition.sql).unwrap();
        }
        for blocks in [vec![7], vec![5, 6, 7]] {
            let query = events::table
                .filter(about("u-1"))
                .filter(events::position.is_not_null())
                .filter(in_blocks(&blocks))
                .order(events::id.desc())
                .select(events::id)
                .limit(100);
            let query = diesel::debug_query::<Sqlite, _>(&query).to_string();
            let steps = steps(&mut conn, query.split(" -- binds").next().unwrap());
            let sought = "INDEX rosterd_ix_event_tail_subject (<expr>=? AND <expr>=?)";
            assert!(steps.iter().any(|step| step.contains(sought)), "{blocks:?}: {steps:?}");
        }
    }

    #[test]
    fn who_signs_in_is_found_without_reading_the_table() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE auth (id VARCHAR(255) PRIMARY KEY, email VARCHAR(255))").unwrap();
        for addition in ADDITIONS.iter().filter(|addition| addition.sql.contains("ON auth")) {
            conn.batch_execute(addition.sql).unwrap();
        }
        let query = auths::table.filter(may_sign_in("a@b.c")).select(auths::id);
        let query = diesel::debug_query::<Sqlite, _>(&query);
        let steps = steps(&mut conn, &query.to_string());
        for index in ["rosterd_ix_auth_email_folded", "rosterd_ix_auth_email_beyond_ascii"] {
            assert!(steps.iter().any(|step| step.contains(index)), "{steps:?}");
        }
        assert!(!steps.iter().any(|step| step == "SCAN auth"), "{steps:?}");
    }
}
