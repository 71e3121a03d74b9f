//! Lists of users, and files of them.

use crate::endpoint::{Section, get, post};
use crate::transfer::{export, import};
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
        get("/api/v1/users/export", "exportUsers", export::export_users)
            .doc("All users as a file", "A row for each account, sent while it is read (rule T10).")
            .note("Neither hashes nor what belongs to sessions: `rosterd export` on the server writes these."),
        post("/api/v1/users/import", "importUsers", import::import_users)
            .doc("Make and change accounts as a file says", "What was done, or would be (rules T1 to T9).")
            .note(
                "Without `apply=true` nothing is written. If `outcome` is `refused`, nothing was written either. At most 256 \
                 MiB, and two imports at a time.",
            ),
    ];
    Section { tag: "lists", about: "Lists of users.", lines }
}
