//! What an attached database can be given, in PostgreSQL's words: text in the order of its code points, as the lists
//! ask for it (rule L1).

use crate::adopt::Addition;

/// An e-mail address that is ASCII, as [`comparable`](rosterd_domain::email::comparable) gives it.
macro_rules! folded_email {
    () => {
        r#"lower(btrim(email, chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || ' ') COLLATE "C")"#
    };
}
pub(super) use folded_email;

/// Whether an e-mail address is more than ASCII (1) or not (0): only Rust can compare it then. A number, since PostgreSQL
/// takes a comparison by `<>` to be true for nearly every row, and reads the table.
macro_rules! email_beyond_ascii {
    () => {
        "CAST(octet_length(email) <> char_length(email) AS integer)"
    };
}
pub(super) use email_beyond_ascii;

/// One index for each order of a list, and two that find who signs in however the e-mail address is written. It takes as
/// long to find an account as to find that there is none. Then the tables of sessions, of events, of webhooks,
/// of mails and of SCIM. In the last, ids of accounts and groups have the collation of Open WebUI's tables, whose indexes find them.
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
    Addition {
        name: "rosterd_ix_auth_email_folded",
        instead: None,
        sql: concat!("CREATE INDEX rosterd_ix_auth_email_folded ON auth (", folded_email!(), ")"),
    },
    Addition {
        name: "rosterd_ix_auth_email_beyond_ascii",
        instead: None,
        sql: concat!("CREATE INDEX rosterd_ix_auth_email_beyond_ascii ON auth (", email_beyond_ascii!(), ")"),
    },
    Addition {
        name: "rosterd_session",
        instead: None,
        sql: "CREATE TABLE rosterd_session (id text COLLATE \"C\" PRIMARY KEY, user_id text NOT NULL, \
              method text NOT NULL, created_at bigint NOT NULL, last_seen_at bigint NOT NULL, expires_at bigint, \
              ended_at bigint, client_ip text, user_agent text)",
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
        sql: "CREATE TABLE rosterd_event (id text COLLATE \"C\" PRIMARY KEY, at bigint NOT NULL, action text NOT NULL, \
              actor_kind text NOT NULL, actor_id text, actor_via text, actor_credential text, client_ip text, request_id \
              text, subject_kind text, subject_id text, subject_label text, details text, count bigint, salt text NOT \
              NULL, erased boolean NOT NULL DEFAULT FALSE, position bigint, seal text)",
    },
    Addition {
        name: "rosterd_ix_event_block_subject",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_event_block_subject ON rosterd_event ((position / 4096), subject_id, id) \
              WHERE position IS NOT NULL",
    },
    Addition {
        name: "rosterd_ix_event_block_actor",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_event_block_actor ON rosterd_event ((position / 4096), actor_id, id) \
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
        sql: "CREATE TABLE rosterd_seal (chain text COLLATE \"C\" PRIMARY KEY, position bigint NOT NULL, seal text NOT \
              NULL, removed_position bigint NOT NULL, removed_seal text NOT NULL)",
    },
    Addition {
        name: "rosterd_webhook",
        instead: None,
        sql: "CREATE TABLE rosterd_webhook (id text COLLATE \"C\" PRIMARY KEY, url text NOT NULL, events text \
              NOT NULL, description text NOT NULL, secret text NOT NULL, previous_secret text, previous_until \
              bigint, disabled_at bigint, disabled_reason text, position bigint NOT NULL, created_at bigint NOT \
              NULL, updated_at bigint NOT NULL)",
    },
    Addition {
        name: "rosterd_webhook_delivery",
        instead: None,
        sql: "CREATE TABLE rosterd_webhook_delivery (webhook_id text COLLATE \"C\" NOT NULL, event_id text \
              COLLATE \"C\" NOT NULL, position bigint NOT NULL, action text NOT NULL, subject text COLLATE \"C\" \
              NOT NULL, tries bigint NOT NULL, next_at bigint, last_at bigint, status bigint, error text, \
              created_at bigint NOT NULL, PRIMARY KEY (webhook_id, event_id))",
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
        sql: "CREATE TABLE rosterd_mail (id text COLLATE \"C\" PRIMARY KEY, kind text NOT NULL, user_id text COLLATE \"C\", recipient text \
              NOT NULL, language text NOT NULL, link_id text, data text NOT NULL, state text NOT NULL, attempts bigint \
              NOT NULL, next_attempt_at bigint, last_error text, created_at bigint NOT NULL, sent_at bigint)",
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
        sql: "CREATE TABLE rosterd_scim_connection (id text COLLATE \"C\" PRIMARY KEY, name text COLLATE \"C\" NOT \
              NULL UNIQUE, token_hash text COLLATE \"C\" NOT NULL UNIQUE, old_token_hash text COLLATE \"C\" \
              UNIQUE, old_token_until bigint, default_role text NOT NULL, links_by_email boolean NOT NULL, \
              takes_passwords boolean NOT NULL, deletes_accounts boolean NOT NULL, group_rule text NOT NULL, \
              created_at bigint NOT NULL, created_by text, last_used_at bigint)",
    },
    Addition {
        name: "rosterd_scim_user",
        instead: None,
        sql: "CREATE TABLE rosterd_scim_user (connection_id text COLLATE \"C\" NOT NULL, user_id text NOT NULL, \
              made boolean NOT NULL, hidden_at bigint, suspended_since bigint, user_name text NOT NULL, \
              user_name_key text COLLATE \"C\" NOT NULL, external_id text COLLATE \"C\", display_name text, \
              display_key text COLLATE \"C\", formatted text, formatted_key text COLLATE \"C\", family_name text, \
              family_key text COLLATE \"C\", given_name text, given_key text COLLATE \"C\", created_at bigint NOT \
              NULL, updated_at bigint NOT NULL, version bigint NOT NULL, PRIMARY KEY (connection_id, user_id), \
              UNIQUE (connection_id, user_name_key))",
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
        sql: "CREATE INDEX rosterd_ix_scim_user_seen ON rosterd_scim_user (connection_id, created_at, \
              user_id COLLATE \"C\") WHERE hidden_at IS NULL",
    },
    Addition {
        name: "rosterd_ix_scim_user_user_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_user_user_id ON rosterd_scim_user (user_id)",
    },
    Addition {
        name: "rosterd_scim_email",
        instead: None,
        sql: "CREATE TABLE rosterd_scim_email (connection_id text COLLATE \"C\" NOT NULL, user_id text NOT NULL, \
              position text COLLATE \"C\" NOT NULL, value text NOT NULL, value_key text COLLATE \"C\" NOT NULL, \
              display text, display_key text COLLATE \"C\", kind text, kind_key text COLLATE \"C\", is_primary \
              boolean, PRIMARY KEY (connection_id, user_id, position))",
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
        sql: "CREATE TABLE rosterd_scim_group (connection_id text COLLATE \"C\" NOT NULL, group_id text NOT NULL, \
              made boolean NOT NULL, hidden_at bigint, display_name text NOT NULL, display_key text COLLATE \"C\" \
              NOT NULL, external_id text COLLATE \"C\", created_at bigint NOT NULL, updated_at bigint NOT NULL, \
              version bigint NOT NULL, PRIMARY KEY (connection_id, group_id))",
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
              group_id COLLATE \"C\")",
    },
    Addition {
        name: "rosterd_ix_scim_group_group_id",
        instead: None,
        sql: "CREATE INDEX rosterd_ix_scim_group_group_id ON rosterd_scim_group (group_id)",
    },
];
