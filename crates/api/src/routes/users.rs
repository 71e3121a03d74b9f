//! Looking at, changing and deleting one user.

use crate::auths::api_keys;
use crate::endpoint::Failure::{
    ActionProhibited, ApiKeyNotFound, Conflict, DeleteUserError, EmailTaken, FeatureOff, GroupNotFound,
    IncorrectPassword, InvalidEmailFormat, InvalidPassword, NotFound, PasswordTooLong, RateLimitExceeded,
    RestoreConflict, TooLargeToKeep, UserNotFound,
};
use crate::endpoint::{Line, Section, delete, get, post};
use crate::users::{admin, deleted, hand_over, image, links, lookup, many, sessions, suspend};

/// What is said of the calls about API keys.
const KEYS: &str = "Keys of the primary admin only the primary admin may delete (rules P1 and K6). 409 on a database of Open \
                    WebUI without rosterd's tables.";

/// What is said of the calls about deleted users.
const DELETED: &str =
    "409 on a database of Open WebUI without rosterd's tables, which `rosterd adopt --apply` adds.";

/// The endpoints.
pub(super) fn section() -> Section {
    let mut lines = vec![
        post("/api/v1/users/bulk", "changeManyUsers", many::change_many_users)
            .doc("Do one thing to many users", "What came of it for each, and how many were chosen (rule R7).")
            .note(
                "`revoke` ends all sessions of each. What a rule refuses for one account holds up none of the others: its result \
                 has the error that the call for this account alone would answer with. An account that is already as asked \
                 counts as done.",
            )
            .fails(&[GroupNotFound, NotFound, Conflict]),
        get("/api/v1/users/{id}", "getUserById", lookup::get_user)
            .doc(
                "What you may see of a user",
                "A card without e-mail address, role, settings, info or times (rule V2); for admins all fields of the \
                 account, but not on a database of Open WebUI 0.6 (rule N17).",
            )
            .note("`shared-` and the id of a chat stand for the owner of that chat.")
            .fails(&[UserNotFound]),
        get("/api/v1/users/{id}/info", "getUserInfoById", lookup::get_info)
            .doc("What lists show of a user", "With groups and activity (rule N16).")
            .fails(&[UserNotFound]),
        get("/api/v1/users/{id}/preview", "getUserPreview", lookup::get_preview)
            .doc("What a user reaches", "Models, knowledge and tools, owned or granted (rule N15).")
            .fails(&[NotFound]),
        get("/api/v1/users/{id}/active", "getUserActiveStatusById", lookup::get_active).doc(
            "Whether a user is active",
            "Whether there was a request in the last 180 seconds; false for an unknown id.",
        ),
        get("/api/v1/users/{id}/oauth/sessions", "getUserOAuthSessionsById", lookup::get_oauth_sessions)
            .doc("A user's OAuth sessions", "Newest first, without tokens (rule V3). If there are none: 400.")
            .fails(&[UserNotFound]),
        get("/api/v1/users/{id}/groups", "getUserGroupsById", lookup::get_groups)
            .doc("A user's groups", "The last changed first; an empty list for an unknown id."),
        get("/api/v1/users/{id}/profile/image", "getUserProfileImageById", image::get_profile_image)
            .doc("A user's profile image", "The image, or the default image (rules I1 to I3).")
            .fails(&[UserNotFound]),
        post("/api/v1/users/{id}/update", "updateUserById", admin::update_user)
            .doc("Change a user", "All fields of the account.")
            .note(
                "Changes all fields or none (rules P1, R1 to R5). A password that an admin sets ends the sessions \
                 that were opened with the old one. Where e-mail addresses are to be confirmed, an account with a new one is \
                 `pending` until that is done (rule C3).",
            )
            .fails(&[
                UserNotFound,
                EmailTaken,
                InvalidEmailFormat,
                PasswordTooLong,
                InvalidPassword,
                ActionProhibited,
                Conflict,
            ]),
        get("/api/v1/users/{id}/sessions", "getUserSessionsById", sessions::get_sessions)
            .doc("A user's open sessions", "Newest first (rule A4).")
            .note("Sessions that Open WebUI opened are not listed. Without the table for sessions: 409.")
            .fails(&[NotFound, Conflict]),
        get("/api/v1/users/{id}/last_sign_in", "getUserLastSignInById", sessions::get_last_sign_in)
            .doc("A user's last sign-in", "When it was, and how many attempts failed since and before (rule A12).")
            .fails(&[NotFound, Conflict]),
        post("/api/v1/users/{id}/sessions/revoke", "revokeUserSessions", sessions::end_all_sessions)
            .doc("End all sessions of a user", "`true`")
            .note(
                "API keys live on: `DELETE /users/{id}/api_keys` ends those. Those of the primary admin only the primary admin may end (rule N12). On a database of \
                 Open WebUI 0.6 those that Open WebUI opened go on (rule A5).",
            )
            .fails(&[NotFound, ActionProhibited]),
        get("/api/v1/users/{id}/api_keys", "listUserAPIKeys", api_keys::list_api_keys_of)
            .doc("A user's API keys", "The newest first, ended ones too, without their text.")
            .note(KEYS)
            .fails(&[NotFound, Conflict]),
        delete("/api/v1/users/{id}/api_keys", "deleteUserAPIKeys", api_keys::delete_api_keys_of)
            .doc("Delete all API keys of a user", "`true`, also when there was none. They are refused from the next request on.")
            .note(
                "The key of `/auths/api_key` goes too, also on a database of Open WebUI that was not adopted. Those of the \
                 primary admin only the primary admin may delete (rule K6).",
            )
            .fails(&[NotFound, ActionProhibited]),
        delete("/api/v1/users/{id}/api_keys/{key_id}", "deleteUserAPIKey", api_keys::delete_api_key_of)
            .doc("Delete an API key of a user", "`true`. It is refused from the next request on.")
            .note(KEYS)
            .fails(&[NotFound, ApiKeyNotFound, ActionProhibited, Conflict]),
        delete("/api/v1/users/{id}/sessions/{session_id}", "endUserSessionById", sessions::end_session)
            .doc("End one session of a user", "`true`")
            .note("Those of the primary admin only the primary admin may end (rule A6).")
            .fails(&[NotFound, Conflict, ActionProhibited]),
        post("/api/v1/users/{id}/make-primary", "makeUserPrimary", hand_over::make_primary)
            .doc("Make an account the primary admin", "All fields of the account. You are an ordinary admin afterwards (rule P9).")
            .note(
                "For the primary admin, with its password; to an active admin. `created_at` of the two accounts is exchanged, which \
                 is what makes an account primary for Open WebUI too. Tries count as those at a change of the password. Without a \
                 password: `rosterd user make-primary` on the server.",
            )
            .fails(&[ActionProhibited, NotFound, Conflict, IncorrectPassword, RateLimitExceeded]),
    ];
    lines.extend(suspending());
    let lines = inviting().into_iter().chain(way_back()).chain(lines).chain(deletion()).collect();
    Section { tag: "users", about: "Looking at, changing and deleting users.", lines }
}

/// Shutting a user out for a time.
fn suspending() -> [Line; 2] {
    [
        post("/api/v1/users/{id}/suspend", "suspendUserById", suspend::suspend_user)
            .doc("Suspend a user", "All fields of the account (rules U1 to U3).")
            .note(
                "Sessions end at once, and signing in and API keys are refused until the user is resumed or `until` is over. All \
                 data stays. If the user is suspended already, reason and end are replaced. Refused for your own account, the \
                 primary admin and the last active admin. 409 on a database of Open WebUI without rosterd's tables.",
            )
            .fails(&[NotFound, ActionProhibited, Conflict]),
        post("/api/v1/users/{id}/resume", "resumeUserById", suspend::resume_user)
            .doc("Let a suspended user in again", "All fields of the account (rules U3 and U4).")
            .note(
                "With the role that the user had before, or was given in Open WebUI meanwhile. Sessions that were ended stay \
                 ended. A user who is not suspended stays as is; one who was shut out in another way, such as by an import, is \
                 let in.",
            )
            .fails(&[NotFound, Conflict]),
    ]
}

/// Links for people who are invited and for new passwords. `invite` is no id: it comes before `{id}`.
fn inviting() -> [Line; 2] {
    [
        post("/api/v1/users/invite", "inviteUser", links::invite_user)
            .doc("Invite somebody", "The account, and the link by which its owner sets a password (rules O2 and O5).")
            .note(
                "The account is there at once, with its role and groups, and nobody can sign in to it before the invite is accepted. \
                 The link ends when it was used, after `expires_in`, and when you are no admin any more. Was it lost, or has it \
                 ended? `POST /users/{id}/password/link` makes another one. 403 where nobody signs in with a password. 409 on a \
                 database of Open WebUI without rosterd's tables.",
            )
            .fails(&[EmailTaken, InvalidEmailFormat, GroupNotFound, FeatureOff, Conflict]),
        post("/api/v1/users/{id}/password/link", "createUserPasswordLink", links::create_password_link)
            .doc("Make a link for a new password", "The link, in place of an earlier one (rules O2 to O4).")
            .note(
                "The old password and the sessions stay until the link is used. Nobody makes one for the primary admin over HTTP: \
                 403 `ACTION_PROHIBITED`. 409 for a user who is suspended, and on a database of Open WebUI without rosterd's tables.",
            )
            .fails(&[NotFound, ActionProhibited, FeatureOff, Conflict]),
    ]
}

/// Users who were deleted. `deleted` is no id: it comes before `{id}`.
fn way_back() -> Vec<Line> {
    vec![
        get("/api/v1/users/deleted", "listDeletedUsers", deleted::list_deleted)
            .doc("The deleted users that are kept", "A page, the last deleted first.")
            .note(DELETED)
            .fails(&[Conflict]),
        post("/api/v1/users/deleted/{id}/restore", "restoreUserById", deleted::restore_user)
            .doc("Restore a deleted user", "The account, and what came back with it (rule B3).")
            .note(
                "All that was kept is there again, with the values that it had; the account has a new session stamp. API keys and \
                 sessions do not come back. 409 `RESTORE_CONFLICT` names all that stands in the way (rule B4), and nothing is \
                 changed then. 409 `CONFLICT` on a database of Open WebUI without rosterd's tables.",
            )
            .fails(&[NotFound, RestoreConflict, Conflict]),
        delete("/api/v1/users/deleted/{id}", "purgeUserById", deleted::purge_user)
            .doc("Remove a deleted user for good", "`true`. The account cannot be restored any more.")
            .note(DELETED)
            .fails(&[NotFound, Conflict]),
    ]
}

/// Deleting a user.
fn deletion() -> Vec<Line> {
    vec![
        delete("/api/v1/users/{id}", "deleteUserById", admin::delete_user)
            .doc("Delete a user", "`true`")
            .note(
                "Deletes the memberships, chats, API keys and OAuth sessions too, or nothing at all (rules P1 to P4). What is \
                 deleted is kept for a while and can be restored, but for API keys and sessions (rules B1 and B2): for 30 days, or \
                 as long as `ROSTERD_DELETED_RETENTION` says. 409 for an account with more than 64 MiB, unless `purge` is set.",
            )
            .fails(&[UserNotFound, ActionProhibited, TooLargeToKeep, DeleteUserError]),
        get("/api/v1/users/{id}/deletion", "getUserDeletion", deleted::forecast_deletion)
            .doc("What a deletion would remove", "Rows by table, and whether the account could be restored (rules B1 and B2).")
            .note("Changes nothing, and is refused as the deletion would be.")
            .fails(&[UserNotFound, ActionProhibited]),
    ]
}
