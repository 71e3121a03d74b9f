//! The tables of SCIM.

use super::OF_USER;
use super::shape::{Table, Whence, number, switch, text, time};

const OF_CONNECTION: (&str, &str) = ("connection_id", "rosterd_scim_connection");

pub(super) const SCIM_CONNECTION: Table = Table {
    name: "rosterd_scim_connection",
    columns: &[
        text("id").required(),
        text("name").required(),
        text("token_hash").required(),
        text("old_token_hash"),
        time("old_token_until"),
        text("default_role").required(),
        switch("links_by_email").required(),
        switch("takes_passwords").required(),
        switch("deletes_accounts").required(),
        text("group_rule").required(),
        time("created_at").required(),
        text("created_by"),
        time("last_used_at"),
    ],
    key: &["id"],
    owners: &[],
    whence: Whence::WhereThere,
};

pub(super) const SCIM_USER: Table = Table {
    name: "rosterd_scim_user",
    columns: &[
        text("connection_id").required(),
        text("user_id").required(),
        switch("made").required(),
        time("hidden_at"),
        time("suspended_since"),
        text("user_name").required(),
        text("user_name_key").required(),
        text("external_id"),
        text("display_name"),
        text("display_key"),
        text("formatted"),
        text("formatted_key"),
        text("family_name"),
        text("family_key"),
        text("given_name"),
        text("given_key"),
        time("created_at").required(),
        time("updated_at").required(),
        number("version").required(),
    ],
    key: &["connection_id", "user_id"],
    owners: &[OF_CONNECTION, OF_USER],
    whence: Whence::WhereThere,
};

pub(super) const SCIM_EMAIL: Table = Table {
    name: "rosterd_scim_email",
    columns: &[
        text("connection_id").required(),
        text("user_id").required(),
        text("position").required(),
        text("value").required(),
        text("value_key").required(),
        text("display"),
        text("display_key"),
        text("kind"),
        text("kind_key"),
        switch("is_primary"),
    ],
    key: &["connection_id", "user_id", "position"],
    owners: &[OF_CONNECTION, OF_USER],
    whence: Whence::WhereThere,
};

pub(super) const SCIM_GROUP: Table = Table {
    name: "rosterd_scim_group",
    columns: &[
        text("connection_id").required(),
        text("group_id").required(),
        switch("made").required(),
        time("hidden_at"),
        text("display_name").required(),
        text("display_key").required(),
        text("external_id"),
        time("created_at").required(),
        time("updated_at").required(),
        number("version").required(),
    ],
    key: &["connection_id", "group_id"],
    owners: &[OF_CONNECTION, ("group_id", "group")],
    whence: Whence::WhereThere,
};
