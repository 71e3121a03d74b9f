//! Tables of SCIM (rosterd's own).

diesel::table! {
    /// Ours: connections by SCIM. Only where [`Layout::scim`](crate::Layout::scim) says so, as the tables below.
    #[sql_name = "rosterd_scim_connection"]
    scim_connections (id) {
        id -> Text,
        name -> Text,
        token_hash -> Text,
        old_token_hash -> Nullable<Text>,
        old_token_until -> Nullable<BigInt>,
        default_role -> Text,
        links_by_email -> Bool,
        takes_passwords -> Bool,
        deletes_accounts -> Bool,
        group_rule -> Text,
        created_at -> BigInt,
        created_by -> Nullable<Text>,
        last_used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    /// Ours: accounts of a connection, with what it sent of them.
    #[sql_name = "rosterd_scim_user"]
    scim_users (connection_id, user_id) {
        connection_id -> Text,
        user_id -> Text,
        made -> Bool,
        hidden_at -> Nullable<BigInt>,
        suspended_since -> Nullable<BigInt>,
        user_name -> Text,
        user_name_key -> Text,
        external_id -> Nullable<Text>,
        display_name -> Nullable<Text>,
        display_key -> Nullable<Text>,
        formatted -> Nullable<Text>,
        formatted_key -> Nullable<Text>,
        family_name -> Nullable<Text>,
        family_key -> Nullable<Text>,
        given_name -> Nullable<Text>,
        given_key -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    /// Ours: the e-mail addresses of those accounts, as they were sent.
    #[sql_name = "rosterd_scim_email"]
    scim_emails (connection_id, user_id, position) {
        connection_id -> Text,
        user_id -> Text,
        position -> Text,
        value -> Text,
        value_key -> Text,
        display -> Nullable<Text>,
        display_key -> Nullable<Text>,
        kind -> Nullable<Text>,
        kind_key -> Nullable<Text>,
        is_primary -> Nullable<Bool>,
    }
}

diesel::table! {
    /// Ours: groups of a connection.
    #[sql_name = "rosterd_scim_group"]
    scim_groups (connection_id, group_id) {
        connection_id -> Text,
        group_id -> Text,
        made -> Bool,
        hidden_at -> Nullable<BigInt>,
        display_name -> Text,
        display_key -> Text,
        external_id -> Nullable<Text>,
        created_at -> BigInt,
        updated_at -> BigInt,
        version -> BigInt,
    }
}
