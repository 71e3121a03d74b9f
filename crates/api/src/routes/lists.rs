//! Lists of users.

use crate::endpoint::{Section, get};
use crate::users::lists;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/users", "getUsers", lists::list_users)
            .also("/api/v1/users/")
            .doc("A page of users", "All fields of each user, and the group ids."),
        get("/api/v1/users/search", "searchUsers", lists::search_users)
            .doc("Search for users", "A few fields of each user."),
        get("/api/v1/users/all", "getAllUsers", lists::list_all_users).doc(
            "All users",
            "All users with a few fields, newest first, sent while they are read. A complete answer ends with \
             `total`.",
        ),
    ];
    Section { tag: "lists", about: "Lists of users.", lines }
}
