//! Values the unit tests share.

use crate::ids::UserId;
use crate::json::JsonText;
use crate::role::Role;
use crate::status::UserStatus;
use crate::user::{AccountRow, UserModel};

/// A user with every column set, whose status ends at second 1000.
pub(crate) fn user() -> UserModel {
    let text = |text: &str| Some(text.to_owned());
    let json = |json: &str| Some(JsonText::from_stored(json.to_owned()));
    UserModel {
        id: UserId::from_stored("u-1".to_owned()),
        email: "alice@example.com".to_owned(),
        username: text("alice"),
        role: Role::User,
        name: "Alice".to_owned(),
        profile_image_url: "/user.png".to_owned(),
        profile_banner_image_url: text("/banner.png"),
        bio: text("Hi"),
        gender: text("x"),
        date_of_birth: chrono::NaiveDate::from_ymd_opt(1990, 2, 28),
        timezone: text("Europe/Berlin"),
        presence_state: text("online"),
        status_emoji: text("🚀"),
        status_message: text("Shipping"),
        status_expires_at: Some(1000),
        info: json(r#"{"lat": 51.50}"#),
        settings: json(r#"{"ui": {"z": 1, "a": 2}}"#),
        oauth: json("null"),
        scim: Some(json(r#"{"okta": {"external_id": "x"}}"#)),
        last_active_at: 30,
        updated_at: 20,
        created_at: 10,
        suspension: None,
        unconfirmed: None,
    }
}

/// The same user without the documents.
pub(crate) fn account() -> AccountRow {
    let user = user();
    AccountRow {
        id: user.id,
        email: user.email,
        role: user.role,
        name: user.name,
        profile_image_url: user.profile_image_url,
        bio: user.bio,
        gender: user.gender,
        date_of_birth: user.date_of_birth,
        status: UserStatus {
            status_emoji: user.status_emoji,
            status_message: user.status_message,
            status_expires_at: user.status_expires_at,
        },
        last_active_at: user.last_active_at,
        updated_at: user.updated_at,
        created_at: user.created_at,
    }
}
