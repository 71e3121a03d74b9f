//! The tables and columns rosterd reads or writes, and the types they must have on PostgreSQL, where Diesel trusts
//! the bytes it is given. Checked at start, so that a foreign or half-migrated schema is refused with a list instead
//! of failing query by query.

/// What a column holds, by the types that Diesel reads rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Text,
    BigInt,
    Integer,
    Bool,
    Date,
    Json,
}

impl Holds {
    /// PostgreSQL's names for the types that will do (`information_schema.columns.data_type`).
    pub(crate) fn postgres_types(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["text", "character varying", "character"],
            Self::BigInt => &["bigint"],
            Self::Integer => &["integer"],
            Self::Bool => &["boolean"],
            Self::Date => &["date"],
            // `jsonb` will not: its bytes begin with a version, and it does not keep the text.
            Self::Json => &["json", "text"],
        }
    }
}

/// A table's name and its columns.
pub(crate) type Table = (&'static str, &'static [(&'static str, Holds)]);

use Holds::{BigInt, Bool, Date, Integer, Json, Text};

/// Needed in every layout.
pub(crate) const ALWAYS: &[Table] = &[
    (
        "user",
        &[
            ("id", Text),
            ("name", Text),
            ("email", Text),
            ("role", Text),
            ("profile_image_url", Text),
            ("created_at", BigInt),
            ("updated_at", BigInt),
            ("last_active_at", BigInt),
            ("username", Text),
            ("bio", Text),
            ("gender", Text),
            ("date_of_birth", Date),
            ("profile_banner_image_url", Text),
            ("timezone", Text),
            ("presence_state", Text),
            ("status_emoji", Text),
            ("status_message", Text),
            ("status_expires_at", BigInt),
            ("oauth", Json),
            ("info", Json),
            ("settings", Json),
        ],
    ),
    ("auth", &[("id", Text), ("email", Text), ("password", Text), ("active", Bool)]),
    (
        "api_key",
        &[
            ("id", Text),
            ("user_id", Text),
            ("key", Text),
            ("expires_at", BigInt),
            ("created_at", BigInt),
            ("updated_at", BigInt),
        ],
    ),
    (
        "group",
        &[
            ("id", Text),
            ("user_id", Text),
            ("name", Text),
            ("description", Text),
            ("data", Json),
            ("meta", Json),
            ("permissions", Json),
            ("created_at", BigInt),
            ("updated_at", BigInt),
        ],
    ),
    (
        "group_member",
        &[
            ("id", Text),
            ("group_id", Text),
            ("user_id", Text),
            ("created_at", BigInt),
            ("updated_at", BigInt),
        ],
    ),
    (
        "oauth_session",
        &[
            ("id", Text),
            ("user_id", Text),
            ("provider", Text),
            ("expires_at", BigInt),
            ("created_at", BigInt),
            ("updated_at", BigInt),
        ],
    ),
    ("chat", &[("id", Text), ("user_id", Text), ("share_id", Text)]),
];

/// `config` as one document.
pub(crate) const CONFIG_DOCUMENT: Table =
    ("config", &[("id", Integer), ("data", Json), ("version", Integer)]);

/// What a database of Open WebUI also has whose configuration is one row a path. Without one of these, sessions that were ended
/// or rights of groups above would be overlooked.
pub(crate) const NEWEST: &[Table] =
    &[("auth", &[("session_stamp", Text), ("mfa", Json)]), ("group", &[("parent_group_id", Text)])];

/// `config` as one row a path.
pub(crate) const CONFIG_KEY_VALUE: Table =
    ("config", &[("key", Text), ("value", Json), ("updated_at", BigInt)]);

/// Ours, in a database that our migrations made.
pub(crate) const OWN: &[Table] = &[
    ("rosterd_revoked_token", &[("jti", Text), ("expires_at", BigInt)]),
    (
        "rosterd_api_key",
        &[
            ("id", Text),
            ("user_id", Text),
            ("name", Text),
            ("hash", Text),
            ("prefix", Text),
            ("read_only", Bool),
            ("allowed_paths", Text),
            ("created_at", BigInt),
            ("expires_at", BigInt),
            ("last_used_at", BigInt),
        ],
    ),
    ("rosterd_user_search", &[("user_id", Text), ("folded", Text)]),
    ("rosterd_counter", &[("name", Text), ("value", BigInt)]),
    ("rosterd_lease", &[("name", Text), ("holder", Text), ("until", BigInt)]),
    ("rosterd_setup_token", &[("id", BigInt), ("token", Text)]),
    (
        "rosterd_attempt",
        &[("place", BigInt), ("began_at", BigInt), ("attempts", BigInt), ("attempts_before", BigInt)],
    ),
    (
        "rosterd_sign_in",
        &[
            ("user_id", Text),
            ("signed_in_at", BigInt),
            ("failed", BigInt),
            ("failed_at", BigInt),
            ("previous_at", BigInt),
            ("failed_before", BigInt),
        ],
    ),
    (
        "rosterd_suspension",
        &[
            ("user_id", Text),
            ("since", BigInt),
            ("until", BigInt),
            ("reason", Text),
            ("role", Text),
            ("active", Bool),
        ],
    ),
    (
        "rosterd_link",
        &[
            ("id", Text),
            ("kind", Text),
            ("user_id", Text),
            ("email", Text),
            ("token_hash", Text),
            ("maker", Text),
            ("created_at", BigInt),
            ("expires_at", BigInt),
        ],
    ),
    ("rosterd_unconfirmed", &[("user_id", Text), ("role", Text), ("since", BigInt)]),
    (
        "rosterd_session",
        &[
            ("id", Text),
            ("user_id", Text),
            ("method", Text),
            ("created_at", BigInt),
            ("last_seen_at", BigInt),
            ("expires_at", BigInt),
            ("ended_at", BigInt),
            ("client_ip", Text),
            ("user_agent", Text),
        ],
    ),
    ("rosterd_member_name", &[("group_id", Text), ("name", Text), ("user_id", Text)]),
    (
        "rosterd_event",
        &[
            ("id", Text),
            ("at", BigInt),
            ("action", Text),
            ("actor_kind", Text),
            ("actor_id", Text),
            ("actor_via", Text),
            ("actor_credential", Text),
            ("client_ip", Text),
            ("request_id", Text),
            ("subject_kind", Text),
            ("subject_id", Text),
            ("subject_label", Text),
            ("details", Text),
            ("count", BigInt),
            ("salt", Text),
            ("erased", Bool),
            ("position", BigInt),
            ("seal", Text),
        ],
    ),
    (
        "rosterd_seal",
        &[
            ("chain", Text),
            ("position", BigInt),
            ("seal", Text),
            ("removed_position", BigInt),
            ("removed_seal", Text),
        ],
    ),
    (
        "rosterd_webhook",
        &[
            ("id", Text),
            ("url", Text),
            ("events", Text),
            ("description", Text),
            ("secret", Text),
            ("previous_secret", Text),
            ("previous_until", BigInt),
            ("disabled_at", BigInt),
            ("disabled_reason", Text),
            ("position", BigInt),
            ("created_at", BigInt),
            ("updated_at", BigInt),
        ],
    ),
    (
        "rosterd_webhook_delivery",
        &[
            ("webhook_id", Text),
            ("event_id", Text),
            ("position", BigInt),
            ("action", Text),
            ("subject", Text),
            ("tries", BigInt),
            ("next_at", BigInt),
            ("last_at", BigInt),
            ("status", BigInt),
            ("error", Text),
            ("created_at", BigInt),
        ],
    ),
    (
        "rosterd_mail",
        &[
            ("id", Text),
            ("kind", Text),
            ("user_id", Text),
            ("recipient", Text),
            ("language", Text),
            ("link_id", Text),
            ("data", Text),
            ("state", Text),
            ("attempts", BigInt),
            ("next_attempt_at", BigInt),
            ("last_error", Text),
            ("created_at", BigInt),
            ("sent_at", BigInt),
        ],
    ),
    (
        "rosterd_scim_connection",
        &[
            ("id", Text),
            ("name", Text),
            ("token_hash", Text),
            ("old_token_hash", Text),
            ("old_token_until", BigInt),
            ("default_role", Text),
            ("links_by_email", Bool),
            ("takes_passwords", Bool),
            ("deletes_accounts", Bool),
            ("group_rule", Text),
            ("created_at", BigInt),
            ("created_by", Text),
            ("last_used_at", BigInt),
        ],
    ),
    (
        "rosterd_scim_user",
        &[
            ("connection_id", Text),
            ("user_id", Text),
            ("made", Bool),
            ("hidden_at", BigInt),
            ("suspended_since", BigInt),
            ("user_name", Text),
            ("user_name_key", Text),
            ("external_id", Text),
            ("display_name", Text),
            ("display_key", Text),
            ("formatted", Text),
            ("formatted_key", Text),
            ("family_name", Text),
            ("family_key", Text),
            ("given_name", Text),
            ("given_key", Text),
            ("created_at", BigInt),
            ("updated_at", BigInt),
            ("version", BigInt),
        ],
    ),
    (
        "rosterd_scim_email",
        &[
            ("connection_id", Text),
            ("user_id", Text),
            ("position", Text),
            ("value", Text),
            ("value_key", Text),
            ("display", Text),
            ("display_key", Text),
            ("kind", Text),
            ("kind_key", Text),
            ("is_primary", Bool),
        ],
    ),
    (
        "rosterd_scim_group",
        &[
            ("connection_id", Text),
            ("group_id", Text),
            ("made", Bool),
            ("hidden_at", BigInt),
            ("display_name", Text),
            ("display_key", Text),
            ("external_id", Text),
            ("created_at", BigInt),
            ("updated_at", BigInt),
            ("version", BigInt),
        ],
    ),
    (
        "rosterd_deleted",
        &[
            ("user_id", Text),
            ("name", Text),
            ("email", Text),
            ("role", Text),
            ("created_at", BigInt),
            ("deleted_at", BigInt),
            ("deleted_by", Text),
            ("row_count", BigInt),
            ("bytes", BigInt),
        ],
    ),
    (
        "rosterd_deleted_row",
        &[("user_id", Text), ("table_name", Text), ("number", BigInt), ("content", Text)],
    ),
];

/// The tables of Open WebUI's that are read in any layout, by which a schema of its is known.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ALWAYS.iter().map(|(table, _)| *table).chain(["config", "shared_chat"])
}
