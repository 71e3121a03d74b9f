//! A page of a list of users, and its text.

use serde::Serialize;

use crate::user::{UserGroupIds, UserInfo, UserModel};

/// A list page of users, and the total number of matches.
#[derive(Debug, Serialize)]
pub struct UserPage<T> {
    /// The users, in the order asked for.
    pub users: Vec<T>,
    /// The total number of matches.
    pub total: i64,
    /// Where the next page begins; `None` at the end, and for callers who page by number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// An entry of such a list, which knows how it is written.
///
/// The text is made here, and not by whoever answers with it, since this crate is built for speed, and since it is known here
/// how long it will be: a buffer that grows is copied again and again.
pub trait Listed: Serialize + Sized {
    /// What the list is called in the OpenAPI document.
    const LIST: &'static str;

    /// The page as JSON.
    ///
    /// # Errors
    /// Whatever an entry cannot be written for; so far there is nothing of the kind.
    fn page_to_json(page: &UserPage<Self>) -> serde_json::Result<Vec<u8>>;
}

/// Keys, ids, times and all that is short of a row. Bytes.
const ROW: usize = 800;

/// A group's id in quotes and the comma. Bytes.
const GROUP: usize = 40;

/// Keys and short values of an entry of the narrow shape. Bytes.
const ENTRY: usize = 320;

impl Listed for UserGroupIds {
    const LIST: &'static str = "UserGroupIdsListResponse";

    fn page_to_json(page: &UserPage<Self>) -> serde_json::Result<Vec<u8>> {
        let room = |entry: &Self| ROW + texts_of(&entry.user) + entry.group_ids.len() * GROUP;
        written(page, room, Self::append_json)
    }
}

impl Listed for UserInfo {
    const LIST: &'static str = "UserInfoListResponse";

    fn page_to_json(page: &UserPage<Self>) -> serde_json::Result<Vec<u8>> {
        let room = |entry: &Self| ENTRY + entry.bio.as_ref().and_then(Option::as_ref).map_or(0, String::len);
        written(page, room, Self::append_json)
    }
}

/// The page in a buffer with as much room as its entries should need.
fn written<T>(
    page: &UserPage<T>,
    room: impl Fn(&T) -> usize,
    append: impl Fn(&T, &mut Vec<u8>) -> serde_json::Result<()>,
) -> serde_json::Result<Vec<u8>> {
    const AROUND: usize = 256;
    let UserPage { users, total, next_cursor } = page;
    let mut text = Vec::with_capacity(AROUND + users.iter().map(room).sum::<usize>());
    text.extend_from_slice(b"{\"users\":[");
    for (place, entry) in users.iter().enumerate() {
        if place > 0 {
            text.push(b',');
        }
        append(entry, &mut text)?;
    }
    text.extend_from_slice(b"],\"total\":");
    serde_json::to_writer(&mut text, total)?;
    if let Some(cursor) = next_cursor {
        text.extend_from_slice(b",\"next_cursor\":");
        serde_json::to_writer(&mut text, cursor)?;
    }
    text.push(b'}');
    Ok(text)
}

/// How long the texts of a row are that may be long.
fn texts_of(user: &UserModel) -> usize {
    let documents = [&user.info, &user.settings, &user.oauth, user.scim.as_ref().unwrap_or(&None)];
    let documents = documents.into_iter().flatten().map(|document| document.as_str().len());
    let texts = [&user.profile_banner_image_url, &user.bio].into_iter().flatten().map(String::len);
    user.profile_image_url.len() + documents.sum::<usize>() + texts.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect::V0_12;
    use crate::fixtures::user;
    use crate::ids::GroupId;

    #[test]
    fn a_page_is_its_users_the_total_and_where_the_next_begins() {
        let users = vec![UserInfo::from(&user()).into_answer(V0_12, 30, 0)];
        let entry = serde_json::to_string(&users[0]).unwrap();
        let mut page = UserPage { users, total: 7, next_cursor: None };
        let text =
            |page: &UserPage<UserInfo>| String::from_utf8(Listed::page_to_json(page).unwrap()).unwrap();
        assert_eq!(text(&page), format!(r#"{{"users":[{entry}],"total":7}}"#));
        page.next_cursor = Some("c".to_owned());
        assert_eq!(text(&page), format!(r#"{{"users":[{entry}],"total":7,"next_cursor":"c"}}"#));
        assert_eq!(text(&page), serde_json::to_string(&page).unwrap());
        let mut appended = b"[".to_vec();
        page.users[0].append_json(&mut appended).unwrap();
        assert_eq!(appended, format!("[{entry}").into_bytes());
    }

    #[test]
    fn an_ordinary_page_fits_into_its_buffer() {
        let group_ids = vec![GroupId::from_stored("0".repeat(36)); 3];
        let users = vec![UserGroupIds { user: user().into_answer(V0_12, 0), group_ids }; 30];
        let page = UserPage { users, total: 30, next_cursor: None };
        let text = Listed::page_to_json(&page).unwrap();
        let room =
            256 + page.users.iter().map(|entry| ROW + texts_of(&entry.user) + 3 * GROUP).sum::<usize>();
        assert!(text.len() <= room && text.capacity() == room, "{} of {}", text.len(), text.capacity());
    }
}
