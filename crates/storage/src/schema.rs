//! The tables, as Open WebUI names them. One description for both databases; a column that only some layouts have
//! may be named in a query only under the [`Layout`](crate::Layout) that has it.

mod ours;
mod scim;

pub(crate) use ours::{deleted_users, deliveries, events, mails, seals, webhooks};
pub(crate) use scim::{scim_connections, scim_emails, scim_groups, scim_users};

diesel::table! {
    /// `user`: a reserved word, quoted by Diesel.
    #[sql_name = "user"]
    users (id) {
        id -> Text,
        name -> Text,
        email -> Text,
        role -> Text,
        profile_image_url -> Text,
        created_at -> BigInt,
        updated_at -> BigInt,
        last_active_at -> BigInt,
        username -> Nullable<Text>,
        bio -> Nullable<Text>,
        gender -> Nullable<Text>,
        date_of_birth -> Nullable<Date>,
        profile_banner_image_url -> Nullable<Text>,
        timezone -> Nullable<Text>,
        presence_state -> Nullable<Text>,
        status_emoji -> Nullable<Text>,
        status_message -> Nullable<Text>,
        status_expires_at -> Nullable<BigInt>,
        oauth -> Nullable<Json>,
        info -> Nullable<Json>,
        settings -> Nullable<Json>,
        /// Only where [`Newer::scim`](crate::Newer::scim) says so.
        scim -> Nullable<Json>,
        /// Only where [`Newer::variables`](crate::Newer::variables) says so.
        variables -> Nullable<Json>,
    }
}

diesel::table! {
    /// `auth`: the password of the user with the same id.
    #[sql_name = "auth"]
    auths (id) {
        id -> Text,
        email -> Text,
        password -> Text,
        active -> Nullable<Bool>,
        /// Only where [`Layout::session_stamp`](crate::Layout::session_stamp) says so.
        session_stamp -> Nullable<Text>,
        /// Only where [`Newer::mfa`](crate::Newer::mfa) says so.
        mfa -> Nullable<Json>,
    }
}

diesel::table! {
    /// `api_key`.
    #[sql_name = "api_key"]
    api_keys (id) {
        id -> Text,
        user_id -> Nullable<Text>,
        key -> Text,
        expires_at -> Nullable<BigInt>,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// `group`: a reserved word, quoted by Diesel.
    #[sql_name = "group"]
    groups (id) {
        id -> Text,
        user_id -> Nullable<Text>,
        name -> Nullable<Text>,
        description -> Nullable<Text>,
        data -> Nullable<Json>,
        meta -> Nullable<Json>,
        permissions -> Nullable<Json>,
        created_at -> Nullable<BigInt>,
        updated_at -> Nullable<BigInt>,
        /// Only where [`Layout::group_parents`](crate::Layout::group_parents) says so.
        parent_group_id -> Nullable<Text>,
    }
}

diesel::table! {
    /// `group_member`.
    #[sql_name = "group_member"]
    group_members (id) {
        id -> Text,
        group_id -> Text,
        user_id -> Text,
        created_at -> Nullable<BigInt>,
        updated_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// `oauth_session`, without the column `token`, so that no query can name it (rule V3).
    #[sql_name = "oauth_session"]
    oauth_sessions (id) {
        id -> Text,
        user_id -> Text,
        provider -> Text,
        expires_at -> BigInt,
        created_at -> BigInt,
        updated_at -> BigInt,
    }
}

diesel::table! {
    /// `chat`, as far as rosterd looks into it.
    #[sql_name = "chat"]
    chats (id) {
        id -> Text,
        user_id -> Text,
        share_id -> Nullable<Text>,
    }
}

diesel::table! {
    /// `shared_chat`, only where [`Layout::shared_chat`](crate::Layout::shared_chat) says so.
    #[sql_name = "shared_chat"]
    shared_chats (id) {
        id -> Text,
        chat_id -> Text,
        user_id -> Text,
    }
}

diesel::table! {
    /// `config` as [`ConfigLayout::KeyValue`](crate::ConfigLayout::KeyValue).
    #[sql_name = "config"]
    config_values (key) {
        key -> Text,
        value -> Json,
        updated_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// `config` as [`ConfigLayout::Document`](crate::ConfigLayout::Document).
    #[sql_name = "config"]
    config_documents (id) {
        id -> Integer,
        data -> Json,
        version -> Integer,
        updated_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    /// Ours: tokens refused before they expire. `expires_at` null: never expires.
    #[sql_name = "rosterd_revoked_token"]
    revoked_tokens (jti) {
        jti -> Text,
        expires_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Ours: API keys that have a name, only where [`Layout::named_keys`](crate::Layout::named_keys) says so. Of the key itself
    /// there is only the hash.
    #[sql_name = "rosterd_api_key"]
    named_keys (id) {
        id -> Text,
        user_id -> Text,
        name -> Text,
        hash -> Text,
        prefix -> Text,
        read_only -> Bool,
        /// A JSON list of texts; NULL: every path.
        allowed_paths -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Ours: the sessions that rosterd opened. `expires_at` null: the token never ends; `ended_at` null: still open.
    #[sql_name = "rosterd_session"]
    sessions (id) {
        id -> Text,
        user_id -> Text,
        method -> Text,
        created_at -> BigInt,
        last_seen_at -> BigInt,
        expires_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        client_ip -> Nullable<Text>,
        user_agent -> Nullable<Text>,
    }
}

diesel::table! {
    /// Ours: name and e-mail address folded (`rosterd_domain::list::fold`), joined by a line feed.
    #[sql_name = "rosterd_user_search"]
    user_search (user_id) {
        user_id -> Text,
        folded -> Text,
    }
}

diesel::table! {
    /// Ours: row counts, kept by triggers.
    #[sql_name = "rosterd_counter"]
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    /// Ours: the members of each group by name, kept by triggers.
    #[sql_name = "rosterd_member_name"]
    member_names (group_id, name, user_id) {
        group_id -> Text,
        name -> Text,
        user_id -> Text,
    }
}

diesel::table! {
    /// Ours: who does what one process may do at a time, and until when by the database's clock.
    #[sql_name = "rosterd_lease"]
    leases (name) {
        name -> Text,
        holder -> Text,
        until -> BigInt,
    }
}

diesel::table! {
    /// Ours: attempts to sign in, as they are counted at each place, by the database's clock. Only where
    /// [`Layout::attempts`](crate::Layout::attempts) says so.
    #[sql_name = "rosterd_attempt"]
    sign_in_attempts (place) {
        place -> BigInt,
        began_at -> BigInt,
        attempts -> BigInt,
        attempts_before -> BigInt,
    }
}

diesel::table! {
    /// Ours: when each account signed in, and how many attempts failed. Only where
    /// [`Layout::sign_ins`](crate::Layout::sign_ins) says so.
    #[sql_name = "rosterd_sign_in"]
    sign_ins (user_id) {
        user_id -> Text,
        signed_in_at -> Nullable<BigInt>,
        failed -> BigInt,
        failed_at -> Nullable<BigInt>,
        previous_at -> Nullable<BigInt>,
        failed_before -> BigInt,
    }
}

diesel::table! {
    /// Ours: the accounts that are suspended, and what they were before. Only where
    /// [`Layout::suspensions`](crate::Layout::suspensions) says so.
    #[sql_name = "rosterd_suspension"]
    suspensions (user_id) {
        user_id -> Text,
        since -> BigInt,
        until -> Nullable<BigInt>,
        reason -> Nullable<Text>,
        role -> Text,
        active -> Bool,
    }
}

diesel::table! {
    /// Ours: one-time links, only where [`Layout::links`](crate::Layout::links) says so.
    #[sql_name = "rosterd_link"]
    links (id) {
        id -> Text,
        kind -> Text,
        user_id -> Text,
        email -> Text,
        token_hash -> Text,
        maker -> Nullable<Text>,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    /// Ours: the accounts whose e-mail address is to be confirmed, and which role they get then. Only where
    /// [`Layout::unconfirmed`](crate::Layout::unconfirmed) says so.
    #[sql_name = "rosterd_unconfirmed"]
    unconfirmed (user_id) {
        user_id -> Text,
        role -> Text,
        since -> BigInt,
    }
}

diesel::table! {
    /// Ours: the set-up token while there is no account; one row at most, with the id 1.
    #[sql_name = "rosterd_setup_token"]
    setup_tokens (id) {
        id -> BigInt,
        token -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    users,
    auths,
    api_keys,
    groups,
    group_members,
    config_values,
    oauth_sessions,
    chats,
    revoked_tokens,
    named_keys,
    sessions,
    suspensions,
    member_names,
    unconfirmed,
    user_search,
    scim_users,
    scim_emails,
    scim_groups
);
