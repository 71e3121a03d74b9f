//! Which URL stands for a user's picture (rules N8 and M18).

use crate::dialect::Dialect;
use crate::ids::UserId;

/// Where a user's picture is served.
#[must_use]
pub fn own_url(id: &UserId) -> String {
    format!("/api/v1/users/{id}/profile/image")
}

/// The picture's URL as it is shown: what is stored, and in the newest dialect the [own URL](own_url) for nothing.
#[must_use]
pub fn url_in_answer(dialect: Dialect, id: &UserId, stored: String) -> String {
    if dialect == Dialect::V0_12 && stored.is_empty() { own_url(id) } else { stored }
}

/// The picture's URL in the answer of sign-in, sign-up and of an account that was added (rule M18): in the newest dialect
/// always the [own URL](own_url), so that no inline picture is sent with each token.
#[must_use]
pub fn of_new_session(dialect: Dialect, id: &UserId, stored: String) -> String {
    match dialect {
        Dialect::V0_6 => stored,
        Dialect::V0_12 => own_url(id),
    }
}

/// The picture that an update means. The own URL means what is stored wherever it was shown in its place: for nothing, and
/// in lists for an inline picture of more than `listed` bytes. Else an admin who saves what a list told would store the
/// URL over the picture.
#[must_use]
pub fn url_to_store(id: &UserId, sent: String, stored: &str, listed: Option<usize>) -> String {
    let stands_for_it = stored.is_empty() || listed.is_some_and(|most| stored.len() > most);
    if stands_for_it && sent == own_url(id) { stored.to_owned() } else { sent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m18_a_new_session_names_the_own_url() {
        let id = UserId::from_stored("u-1".to_owned());
        let of = |dialect| of_new_session(dialect, &id, "data:long".to_owned());
        assert_eq!(of(Dialect::V0_12), "/api/v1/users/u-1/profile/image");
        assert_eq!(of(Dialect::V0_6), "data:long");
    }

    #[test]
    fn n8_nothing_is_shown_as_the_own_url_and_means_nothing() {
        let id = UserId::from_stored("u-1".to_owned());
        let url = "/api/v1/users/u-1/profile/image";
        assert_eq!(url_in_answer(Dialect::V0_12, &id, String::new()), url);
        assert_eq!(url_in_answer(Dialect::V0_12, &id, "/user.png".to_owned()), "/user.png");
        assert_eq!(url_in_answer(Dialect::V0_6, &id, String::new()), "");
        assert_eq!(url_to_store(&id, url.to_owned(), "", None), "");
        assert_eq!(url_to_store(&id, url.to_owned(), "data:long", Some(8)), "data:long");
        assert_eq!(url_to_store(&id, url.to_owned(), "data:long", Some(9)), url);
        assert_eq!(url_to_store(&id, url.to_owned(), "data:long", None), url);
        assert_eq!(url_to_store(&id, "/user.png".to_owned(), "", Some(1)), "/user.png");
    }
}
