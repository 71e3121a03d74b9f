//! The rules, one file for each group of rules. All are pure functions: they take what was read, and the time, and
//! decide.
//!
//! The ids (P1, R2, S5 …) are those of docs/RULES.md. Each is named where it is decided and in the test that shows
//! it. Rules about one type are in the module of that type: S1 to S3 in [`crate::settings`] and [`crate::info`], S5
//! in [`crate::status`], I1 to I4 in [`crate::profile_image`], L1 and L2 in [`crate::list`].

pub mod activity;
pub mod api_keys;
pub mod attempts;
pub mod backups;
pub mod client_ip;
pub mod confirm;
pub mod deletion;
pub mod dummy_hash;
pub mod duration;
pub mod hand_over;
pub mod import;
pub mod ldap;
pub mod lease;
pub mod link;
pub mod many;
pub mod notice;
pub mod password_hash;
pub mod password_strength;
pub mod picture;
pub mod primary_admin;
pub mod scim_groups;
pub mod scim_users;
pub mod second_factor;
pub mod session;
pub mod settings_rights;
pub mod setup;
pub mod sign_up;
pub mod suspension;
pub mod user_update;
pub mod visibility;
pub mod way_back;
