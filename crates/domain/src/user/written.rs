//! Entries of lists as JSON text, the same as they are serialized. Written by hand, since a list has the same thirty keys in
//! each of its entries: a serializer looks into each of them for what is to be escaped.

use serde::Serialize;
use serde_json::Result;

use super::{UserGroupIds, UserInfo, UserModel};
use crate::json::JsonText;

/// Appends what stands before a value, and the value.
fn put(text: &mut Vec<u8>, before: &str, value: &(impl Serialize + ?Sized)) -> Result<()> {
    text.extend_from_slice(before.as_bytes());
    serde_json::to_writer(text, value)
}

/// The same of a JSON value.
fn put_json(text: &mut Vec<u8>, before: &str, value: Option<&JsonText>) {
    text.extend_from_slice(before.as_bytes());
    match value {
        Some(value) => value.append_to(text),
        None => text.extend_from_slice(b"null"),
    }
}

/// The same of a key that is left out where it has no value.
fn put_if_there(text: &mut Vec<u8>, before: &str, value: Option<&impl Serialize>) -> Result<()> {
    value.map_or(Ok(()), |value| put(text, before, value))
}

impl UserGroupIds {
    /// Appends the entry as JSON.
    ///
    /// # Errors
    /// Whatever a value cannot be written for; so far there is nothing of the kind.
    pub fn append_json(&self, text: &mut Vec<u8>) -> Result<()> {
        let Self { user, group_ids } = self;
        user.append_keys(text)?;
        put(text, ",\"group_ids\":", group_ids)?;
        text.push(b'}');
        Ok(())
    }
}

impl UserModel {
    /// All keys, without the brace at the end.
    fn append_keys(&self, text: &mut Vec<u8>) -> Result<()> {
        // Each of them, so that no new one is forgotten.
        let Self {
            id,
            email,
            username,
            role,
            name,
            profile_image_url,
            profile_banner_image_url,
            bio,
            gender,
            date_of_birth,
            timezone,
            presence_state,
            status_emoji,
            status_message,
            status_expires_at,
            info,
            settings,
            oauth,
            scim,
            last_active_at,
            updated_at,
            created_at,
            suspension,
            unconfirmed,
        } = self;
        put(text, "{\"id\":", id)?;
        put(text, ",\"email\":", email)?;
        put(text, ",\"username\":", username)?;
        put(text, ",\"role\":", role)?;
        put(text, ",\"name\":", name)?;
        put(text, ",\"profile_image_url\":", profile_image_url)?;
        put(text, ",\"profile_banner_image_url\":", profile_banner_image_url)?;
        put(text, ",\"bio\":", bio)?;
        put(text, ",\"gender\":", gender)?;
        put(text, ",\"date_of_birth\":", date_of_birth)?;
        put(text, ",\"timezone\":", timezone)?;
        put(text, ",\"presence_state\":", presence_state)?;
        put(text, ",\"status_emoji\":", status_emoji)?;
        put(text, ",\"status_message\":", status_message)?;
        put(text, ",\"status_expires_at\":", status_expires_at)?;
        put_json(text, ",\"info\":", info.as_ref());
        put_json(text, ",\"settings\":", settings.as_ref());
        put_json(text, ",\"oauth\":", oauth.as_ref());
        put_if_there(text, ",\"scim\":", scim.as_ref())?;
        put(text, ",\"last_active_at\":", last_active_at)?;
        put(text, ",\"updated_at\":", updated_at)?;
        put(text, ",\"created_at\":", created_at)?;
        put_if_there(text, ",\"suspension\":", suspension.as_ref())?;
        put_if_there(text, ",\"unconfirmed\":", unconfirmed.as_ref())
    }
}

impl UserInfo {
    /// Appends the entry as JSON.
    ///
    /// # Errors
    /// As [`UserGroupIds::append_json`].
    pub fn append_json(&self, text: &mut Vec<u8>) -> Result<()> {
        let Self {
            id,
            name,
            email,
            role,
            status_emoji,
            status_message,
            status_expires_at,
            bio,
            timezone,
            last_active_at,
            groups,
            is_active,
        } = self;
        put(text, "{\"id\":", id)?;
        put(text, ",\"name\":", name)?;
        put(text, ",\"email\":", email)?;
        put(text, ",\"role\":", role)?;
        put(text, ",\"status_emoji\":", status_emoji)?;
        put(text, ",\"status_message\":", status_message)?;
        put(text, ",\"status_expires_at\":", status_expires_at)?;
        put_if_there(text, ",\"bio\":", bio.as_ref())?;
        put_if_there(text, ",\"timezone\":", timezone.as_ref())?;
        put_if_there(text, ",\"last_active_at\":", last_active_at.as_ref())?;
        put_if_there(text, ",\"groups\":", groups.as_ref())?;
        put_if_there(text, ",\"is_active\":", is_active.as_ref())?;
        text.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect::{V0_6, V0_12};
    use crate::fixtures::user;
    use crate::ids::GroupId;
    use crate::role::Role;
    use crate::suspension::Suspension;
    use crate::unconfirmed::Unconfirmed;

    /// A row that has everything, one that has as little as can be, and one with texts that must be escaped.
    fn rows() -> [UserModel; 3] {
        let mut full = user();
        full.suspension = Some(Suspension { reason: None, since: 7, until: Some(9), role: Role::User });
        full.unconfirmed = Some(Unconfirmed { role: Role::User, since: 8 });
        let mut bare = user();
        (bare.username, bare.profile_banner_image_url, bare.bio, bare.gender) = (None, None, None, None);
        (bare.date_of_birth, bare.timezone, bare.presence_state) = (None, None, None);
        (bare.status_emoji, bare.status_message, bare.status_expires_at) = (None, None, None);
        (bare.info, bare.settings, bare.oauth, bare.scim) = (None, None, None, None);
        let mut odd = user();
        odd.name = "\"Back\\slash\"\n\u{1} größer 🚀".to_owned();
        odd.bio = Some("\t\u{7f}".to_owned());
        [full, bare, odd]
    }

    #[test]
    fn an_entry_is_written_as_it_is_serialized() {
        for dialect in [V0_6, V0_12] {
            for (now, row) in [0, 2000].into_iter().flat_map(|now| rows().map(|row| (now, row))) {
                let info = UserInfo::from(&row).into_answer(dialect, 30, now);
                let group_ids = ["g-1", "g\"2"].map(|id| GroupId::from_stored(id.to_owned())).to_vec();
                let entry = UserGroupIds { user: row.into_answer(dialect, now), group_ids };
                let (mut written, mut short) = (Vec::new(), Vec::new());
                entry.append_json(&mut written).unwrap();
                info.append_json(&mut short).unwrap();
                assert_eq!(String::from_utf8(written).unwrap(), serde_json::to_string(&entry).unwrap());
                assert_eq!(String::from_utf8(short).unwrap(), serde_json::to_string(&info).unwrap());
            }
        }
    }
}
