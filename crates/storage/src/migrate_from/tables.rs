//! The tables that are carried, as a standalone database has them. To carry another one: a [`Table`] here and its place in
//! [`ALL`].

mod scim;
mod shape;

pub(super) use shape::{Column, Kind, Table, Whence};
use shape::{json, number, switch, text, time};

const ID: Column = text("id").required().most(255);
const OF_USER: (&str, &str) = ("user_id", "user");

pub(super) const USER: Table = Table {
    name: "user",
    columns: &[
        ID,
        text("name").required().most(255),
        text("email").required().most(255),
        text("role").required().most(255),
        time("created_at").required(),
        time("updated_at").required(),
        time("last_active_at").required(),
        text("username").most(50),
        text("gender"),
        Column::new("date_of_birth", Kind::Date),
        text("timezone"),
        text("presence_state"),
        text("status_emoji"),
        text("status_message"),
        time("status_expires_at"),
        text("bio"),
        json("info"),
        json("settings"),
        json("oauth"),
        text("profile_image_url").required(),
        text("profile_banner_image_url"),
        json("scim"),
        json("variables"),
    ],
    key: &["id"],
    owners: &[],
    whence: Whence::Any,
};

pub(super) const AUTH: Table = Table {
    name: "auth",
    columns: &[
        ID,
        text("email").required().most(255),
        text("password").required(),
        switch("active").required(),
        text("session_stamp"),
    ],
    key: &["id"],
    owners: &[("id", "user")],
    whence: Whence::Any,
};

pub(super) const GROUP: Table = Table {
    name: "group",
    columns: &[
        text("id").required(),
        text("user_id"),
        text("name"),
        text("description"),
        json("data"),
        json("meta"),
        json("permissions"),
        time("created_at"),
        time("updated_at"),
        text("parent_group_id"),
    ],
    key: &["id"],
    owners: &[],
    whence: Whence::Any,
};

pub(super) const MEMBER: Table = Table {
    name: "group_member",
    columns: &[
        text("id").required(),
        text("group_id").required(),
        text("user_id").required().most(255),
        time("created_at"),
        time("updated_at"),
    ],
    key: &["id"],
    owners: &[("group_id", "group"), OF_USER],
    whence: Whence::Any,
};

pub(super) const API_KEY: Table = Table {
    name: "api_key",
    columns: &[
        text("id").required(),
        text("user_id").required().most(255),
        text("key").required(),
        json("data"),
        time("expires_at"),
        time("last_used_at"),
        time("created_at").required(),
        time("updated_at").required(),
    ],
    key: &["id"],
    owners: &[OF_USER],
    whence: Whence::Any,
};

pub(super) const OAUTH_SESSION: Table = Table {
    name: "oauth_session",
    columns: &[
        text("id").required(),
        text("user_id").required().most(255),
        text("provider").required(),
        text("token").required(),
        time("expires_at").required(),
        time("created_at").required(),
        time("updated_at").required(),
    ],
    key: &["id"],
    owners: &[OF_USER],
    whence: Whence::Any,
};

/// Its rows come from [`settings`](super::settings).
pub(super) const CONFIG: Table = Table {
    name: "config",
    columns: &[text("key").required(), json("value").required(), time("updated_at")],
    key: &["key"],
    owners: &[],
    whence: Whence::Any,
};

const CHAT: Table = Table {
    name: "chat",
    columns: &[ID, text("user_id").required().most(255), text("share_id").most(255)],
    key: &["id"],
    owners: &[],
    whence: Whence::Standalone,
};

const NAMED_KEY: Table = Table {
    name: "rosterd_api_key",
    columns: &[
        text("id").required(),
        text("user_id").required().most(255),
        text("name").required(),
        text("hash").required(),
        text("prefix").required(),
        switch("read_only").required(),
        text("allowed_paths"),
        time("created_at").required(),
        time("expires_at"),
        time("last_used_at"),
    ],
    key: &["id"],
    owners: &[OF_USER],
    whence: Whence::WhereThere,
};

const SESSION: Table = Table {
    name: "rosterd_session",
    columns: &[
        text("id").required(),
        text("user_id").required(),
        text("method").required(),
        time("created_at").required(),
        time("last_seen_at").required(),
        time("expires_at"),
        time("ended_at"),
        text("client_ip"),
        text("user_agent"),
    ],
    key: &["id"],
    owners: &[],
    whence: Whence::WhereThere,
};

const REVOKED: Table = Table {
    name: "rosterd_revoked_token",
    columns: &[text("jti").required(), time("expires_at")],
    key: &["jti"],
    owners: &[],
    whence: Whence::WhereThere,
};

const SIGN_IN: Table = Table {
    name: "rosterd_sign_in",
    columns: &[
        text("user_id").required(),
        time("signed_in_at"),
        number("failed").required(),
        time("failed_at"),
        time("previous_at"),
        number("failed_before").required(),
    ],
    key: &["user_id"],
    owners: &[],
    whence: Whence::WhereThere,
};

const SUSPENSION: Table = Table {
    name: "rosterd_suspension",
    columns: &[
        text("user_id").required(),
        time("since").required(),
        time("until"),
        text("reason"),
        text("role").required(),
        switch("active").required(),
    ],
    key: &["user_id"],
    owners: &[OF_USER],
    whence: Whence::WhereThere,
};

const UNCONFIRMED: Table = Table {
    name: "rosterd_unconfirmed",
    columns: &[text("user_id").required(), text("role").required(), time("since").required()],
    key: &["user_id"],
    owners: &[OF_USER],
    whence: Whence::WhereThere,
};

const LINK: Table = Table {
    name: "rosterd_link",
    columns: &[
        text("id").required(),
        text("kind").required(),
        text("user_id").required(),
        text("email").required(),
        text("token_hash").required(),
        text("maker"),
        time("created_at").required(),
        time("expires_at").required(),
    ],
    key: &["id"],
    owners: &[OF_USER],
    whence: Whence::WhereThere,
};

pub(super) const EVENT: Table = Table {
    name: "rosterd_event",
    columns: &[
        text("id").required(),
        number("at").required(),
        text("action").required(),
        text("actor_kind").required(),
        text("actor_id"),
        text("actor_via"),
        text("actor_credential"),
        text("client_ip"),
        text("request_id"),
        text("subject_kind"),
        text("subject_id"),
        text("subject_label"),
        text("details"),
        number("count"),
        text("salt").required(),
        switch("erased").required(),
        number("position"),
        text("seal"),
    ],
    key: &["id"],
    owners: &[],
    whence: Whence::WithLog,
};

const SEAL: Table = Table {
    name: "rosterd_seal",
    columns: &[
        text("chain").required(),
        number("position").required(),
        text("seal").required(),
        number("removed_position").required(),
        text("removed_seal").required(),
    ],
    key: &["chain"],
    owners: &[],
    whence: Whence::WithLog,
};

pub(super) const WEBHOOK: Table = Table {
    name: "rosterd_webhook",
    columns: &[
        text("id").required(),
        text("url").required(),
        text("events").required(),
        text("description").required(),
        text("secret").required(),
        text("previous_secret"),
        time("previous_until"),
        time("disabled_at"),
        text("disabled_reason"),
        number("position").required(),
        time("created_at").required(),
        time("updated_at").required(),
    ],
    key: &["id"],
    owners: &[],
    whence: Whence::WhereThere,
};

const DELIVERY: Table = Table {
    name: "rosterd_webhook_delivery",
    columns: &[
        text("webhook_id").required(),
        text("event_id").required(),
        number("position").required(),
        text("action").required(),
        text("subject").required(),
        number("tries").required(),
        number("next_at"),
        number("last_at"),
        number("status"),
        text("error"),
        number("created_at").required(),
    ],
    key: &["webhook_id", "event_id"],
    owners: &[],
    whence: Whence::WithLog,
};

/// All of them, in the order in which they are carried: a row comes after those that it names.
pub(super) static ALL: [Table; 23] = [
    USER,
    AUTH,
    GROUP,
    MEMBER,
    API_KEY,
    OAUTH_SESSION,
    CHAT,
    CONFIG,
    NAMED_KEY,
    SESSION,
    REVOKED,
    SIGN_IN,
    SUSPENSION,
    UNCONFIRMED,
    LINK,
    scim::SCIM_CONNECTION,
    scim::SCIM_USER,
    scim::SCIM_EMAIL,
    scim::SCIM_GROUP,
    EVENT,
    SEAL,
    WEBHOOK,
    DELIVERY,
];

/// Copied from nowhere but made of [`USER`]'s rows: what searches read.
pub(super) static SEARCH: Table = Table {
    name: "rosterd_user_search",
    columns: &[text("user_id").required(), text("folded").required()],
    key: &["user_id"],
    owners: &[],
    whence: Whence::Standalone,
};

#[cfg(test)]
mod tests;
