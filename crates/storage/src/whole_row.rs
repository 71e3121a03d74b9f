//! A row of `user` as an import makes it.

#![expect(clippy::ref_option_ref, reason = "in the code that Diesel derives for an insertion")]

use diesel::prelude::*;

use crate::WholeAccount;
use crate::schema::users;
use crate::types::{StoredJson, stored_json};

/// A new row of `user` with every column that all layouts have. NULL is written as NULL, so that many rows are one statement.
#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(crate) struct WholeUserRow<'a> {
    id: &'a str,
    name: &'a str,
    email: &'a str,
    role: &'a str,
    profile_image_url: &'a str,
    created_at: i64,
    updated_at: i64,
    last_active_at: i64,
    username: Option<&'a str>,
    bio: Option<&'a str>,
    gender: Option<&'a str>,
    date_of_birth: Option<chrono::NaiveDate>,
    profile_banner_image_url: Option<&'a str>,
    timezone: Option<&'a str>,
    presence_state: Option<&'a str>,
    status_emoji: Option<&'a str>,
    status_message: Option<&'a str>,
    status_expires_at: Option<i64>,
    oauth: Option<StoredJson>,
    info: Option<StoredJson>,
    settings: Option<StoredJson>,
}

impl<'a> From<&'a WholeAccount> for WholeUserRow<'a> {
    fn from(new: &'a WholeAccount) -> Self {
        let rest = &new.rest;
        Self {
            id: new.id.as_str(),
            name: new.name.as_str(),
            email: new.email.as_str(),
            role: new.role.as_str(),
            profile_image_url: new.profile_image_url.as_str(),
            created_at: new.created_at,
            updated_at: rest.updated_at.unwrap_or(new.created_at),
            last_active_at: rest.last_active_at.unwrap_or(new.created_at),
            username: rest.username.as_deref(),
            bio: rest.bio.as_deref(),
            gender: rest.gender.as_deref(),
            date_of_birth: rest.date_of_birth,
            profile_banner_image_url: rest.profile_banner_image_url.as_deref(),
            timezone: rest.timezone.as_deref(),
            presence_state: rest.presence_state.as_deref(),
            status_emoji: rest.status_emoji.as_deref(),
            status_message: rest.status_message.as_deref(),
            status_expires_at: rest.status_expires_at,
            oauth: stored_json(rest.oauth.as_ref()),
            info: stored_json(rest.info.as_ref()),
            settings: stored_json(rest.settings.as_ref()),
        }
    }
}
