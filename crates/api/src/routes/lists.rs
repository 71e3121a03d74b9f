//! Lists of users.

use crate::endpoint::{Section, get};
use crate::users::lists;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/users", "getUsers", lists::list_users)
            .also("/api/v1/users/")
            .doc("A page of users", "Whole records with their group ids."),
        get("/api/v1/users/search", "searchUsers", lists::search_users)
            .doc("Search for users", "The narrow shape."),
        get("/api/v1/users/all", "getAllUsers", lists::list_all_users).doc(
            "Everybody",
            "Everybody in the narrow shape, newest first, written as it is read. A complete answer ends \
                 with `total`.",
        ),
    ];
    Section { tag: "lists", about: "Lists of users.", lines }
}
