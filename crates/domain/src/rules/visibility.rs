//! What is shown of a user to others (rules V1 and V2).
//!
//! Views are types with exactly the keys they may show. V3, OAuth sessions, needs no rule beyond its type:
//! [`crate::OauthSession`] has no token to show.

use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::group::NamedGroup;
use crate::role::Role;
use crate::rules::picture;
use crate::status::UserStatus;
use crate::user::{AccountRow, UserActive};

/// What `GET /user/status` shows: the three status fields as they read at `now` (rules V1 and S5).
#[must_use]
pub fn status_view(stored: &UserStatus, now: UnixSeconds) -> UserStatus {
    stored.clone().at(now)
}

/// Whether somebody of this role sees the whole record of another, and not only the card (rules V2 and N17).
#[must_use]
pub fn sees_record(dialect: Dialect, role: &Role) -> bool {
    dialect == Dialect::V0_12 && role.is_admin()
}

/// What any verified user may see of `user` (rules V2 and S5). `is_active` comes from the caller, who may know of
/// requests that are not yet written down.
#[must_use]
pub fn active_view(
    user: &AccountRow,
    groups: Vec<NamedGroup>,
    is_active: bool,
    dialect: Dialect,
    now: UnixSeconds,
) -> UserActive {
    let UserStatus { status_emoji, status_message, status_expires_at } = user.status.clone().at(now);
    UserActive {
        id: user.id.clone(),
        name: user.name.clone(),
        profile_image_url: picture::url_in_answer(dialect, &user.id, user.profile_image_url.clone()),
        bio: user.bio.clone(),
        groups,
        is_active,
        status_emoji,
        status_message,
        status_expires_at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::account;
    use crate::ids::GroupId;

    #[test]
    fn v1_only_the_status_is_shown() {
        let status = account().status;
        assert_eq!(status_view(&status, 999), status);
        assert_eq!(status_view(&status, 1000), UserStatus::default());
    }

    #[test]
    fn v2_nothing_private_is_shown() {
        let groups = vec![NamedGroup { id: GroupId::from_stored("g".into()), name: "Ops".into() }];
        let view = active_view(&account(), groups, true, Dialect::V0_12, 999);
        assert_eq!(
            serde_json::to_string(&view).unwrap(),
            concat!(
                r#"{"id":"u-1","name":"Alice","profile_image_url":"/user.png","bio":"Hi","#,
                r#""groups":[{"id":"g","name":"Ops"}],"is_active":true,"#,
                r#""status_emoji":"🚀","status_message":"Shipping","status_expires_at":1000}"#
            )
        );
    }

    #[test]
    fn n17_in_the_newest_dialect_admins_see_the_whole_record() {
        assert!(sees_record(Dialect::V0_12, &Role::Admin));
        assert!(!sees_record(Dialect::V0_12, &Role::User) && !sees_record(Dialect::V0_6, &Role::Admin));
    }

    #[test]
    fn s5_v2_an_expired_status_is_not_shown() {
        let view = active_view(&account(), Vec::new(), false, Dialect::V0_12, 1000);
        assert_eq!((view.status_emoji, view.status_message, view.status_expires_at), (None, None, None));
    }
}
