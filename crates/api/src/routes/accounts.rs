//! Signing up, in and out, and one's own account.

use crate::auths::{account, sign_in};
use crate::endpoint::Failure::{
    ApiKeyCreationNotAllowed, ApiKeyNotFound, EmailTaken, FeatureOff, ForeignOrigin, IncorrectPassword,
    InvalidCredentials, InvalidEmailFormat, InvalidPassword, PasswordTooLong, RateLimitExceeded,
    RepeatedHeader,
};
use crate::endpoint::{Section, delete, get, post};

/// The endpoints.
pub(super) fn section() -> Section {
    let lines =
        vec![
        post("/api/v1/auths/signup", "userSignUp", sign_in::sign_up)
            .doc("Create an account", "A session. The first account becomes an admin and closes sign-up.")
            .fails(&[EmailTaken, InvalidEmailFormat, PasswordTooLong, InvalidPassword, FeatureOff]),
        post("/api/v1/auths/signin", "userSignIn", sign_in::sign_in)
            .doc("Sign in", "A session.")
            .fails(&[InvalidCredentials, InvalidEmailFormat, RepeatedHeader, FeatureOff, RateLimitExceeded]),
        get("/api/v1/auths/signout", "userSignOut", sign_in::sign_out)
            .doc(
                "Sign out",
                "The cookie is deleted, and the token is refused from now on. The answer is the same without a session.",
            )
            .note(
                "With the cookie it works only for requests of this origin or from the browser's URL field, and not \
                 as an image or another part of a page.",
            )
            .fails(&[ForeignOrigin]),
        get("/api/v1/auths", "getSessionUser", sign_in::get_session)
            .also("/api/v1/auths/")
            .doc("Your session", "Your account, and the token as it was sent (rule A1)."),
        post("/api/v1/auths/add", "addUser", sign_in::add_account)
            .doc("Create an account for somebody", "The account, and a token for it.")
            .fails(&[EmailTaken, InvalidEmailFormat, PasswordTooLong, InvalidPassword]),
        post("/api/v1/auths/update/profile", "updateUserProfile", account::update_profile)
            .doc("Change your profile", "Your account.")
            .note("`bio`, `gender` and `date_of_birth`: absent stays, null clears."),
        post("/api/v1/auths/update/password", "updateUserPassword", account::update_password)
            .doc("Change your password", "`true`. Open sessions stay open.")
            .fails(&[IncorrectPassword, PasswordTooLong, InvalidPassword, RateLimitExceeded]),
        get("/api/v1/auths/api_key", "getAPIKey", account::get_api_key)
            .doc("Your API key", "The key. No other call shows it.")
            .fails(&[ApiKeyNotFound]),
        post("/api/v1/auths/api_key", "createAPIKey", account::create_api_key)
            .doc("Create an API key", "A new key, which replaces the old one.")
            .fails(&[ApiKeyCreationNotAllowed]),
        delete("/api/v1/auths/api_key", "deleteAPIKey", account::delete_api_key)
            .doc("Delete your API key", "Whether there was one."),
        get("/api/v1/auths/admin/details", "getAdminDetails", account::get_admin_details)
            .doc("Whom to ask for approval", "The configured e-mail address, else that of the primary admin.")
            .fails(&[FeatureOff]),
    ];
    Section { tag: "accounts", about: "Signing up, in and out, and one's own account.", lines }
}
