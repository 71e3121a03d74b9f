//! Signing up, in and out, and one's own account.

use actix_web::http::Method;

use crate::auths::{account, api_keys, elsewhere, links, sessions, sign_in};
use crate::endpoint::Failure::{
    ApiKeyCreationNotAllowed, ApiKeyNotFound, Conflict, EmailTaken, FeatureOff, ForeignOrigin,
    HumanSessionRequired, IncorrectPassword, InvalidCredentials, InvalidEmailFormat, InvalidLink,
    InvalidPassword, NotFound, PasswordTooLong, RateLimitExceeded, RepeatedHeader,
};
use crate::endpoint::{Line, Section, delete, get, post, refusal};

/// The endpoints.
pub(super) fn section() -> Section {
    let lines =
        vec![
        post("/api/v1/auths/signup", "userSignUp", sign_in::sign_up)
            .doc("Create an account", "A session. The first account becomes an admin and closes sign-up.")
            .note(
                "The first account of a server that others can reach needs the set-up token that the server printed at its \
                 start: in the header, or in the cookie that the printed link sets. Where e-mail addresses are to be confirmed, \
                 every other account is `pending` until that is done, and a link for it goes to the e-mail address (rule C2); 409 \
                 where that cannot be done.",
            )
            .fails(&[EmailTaken, InvalidEmailFormat, PasswordTooLong, InvalidPassword, FeatureOff, Conflict]),
        post("/api/v1/auths/signin", "userSignIn", sign_in::sign_in)
            .doc("Sign in", "A session.")
            .note(
                "Beside an Open WebUI that demands a second factor, a right password gets 403, and `{\"next_step\": \
                 \"pending\"}` where the account waits to be let in.",
            )
            .fails(&[InvalidCredentials, InvalidEmailFormat, RepeatedHeader, FeatureOff, RateLimitExceeded]),
        post("/api/v1/auths/signout", "userSignOut", sign_in::sign_out)
            .doc(
                "Sign out",
                "The cookies are deleted, and the token is refused from now on (rule M14). The answer is the same \
                 without a session.",
            )
            .note("With the cookie it works only for requests of this origin.")
            .fails(&[ForeignOrigin]),
        get("/api/v1/auths/signout", "userSignOutByGet", sign_in::sign_out)
            .doc("Sign out, for older front ends", "The same.")
            .note(
                "With the cookie it works only for requests of this origin or from the browser's URL field, and not \
                 as an image or another part of a page.",
            )
            .fails(&[ForeignOrigin]),
        get("/api/v1/auths", "getSessionUser", sign_in::get_session)
            .also("/api/v1/auths/")
            .doc("Your session", "Your account, and the token as it was sent (rule A1), also as the cookie.")
            .note("For sessions of persons only; on a database of Open WebUI 0.6 for API keys too (rule M12).")
            .fails(&[HumanSessionRequired]),
        post("/api/v1/auths/add", "addUser", sign_in::add_account)
            .doc("Create an account for somebody", "The account, and a token for it.")
            .note("Where a second factor is demanded, there is no token (rule M27b).")
            .fails(&[EmailTaken, InvalidEmailFormat, PasswordTooLong, InvalidPassword]),
        post("/api/v1/auths/update/profile", "updateUserProfile", account::update_profile)
            .doc("Change your profile", "Your account.")
            .note("`bio`, `gender` and `date_of_birth`: absent stays, null clears."),
        post("/api/v1/auths/update/timezone", "updateUserTimezone", account::update_timezone)
            .doc("Say where you are", "It is stored."),
        post("/api/v1/auths/update/password", "updateUserPassword", account::update_password)
            .doc("Change your password", "`true`. All your sessions end, this one too (rule M15).")
            .note("On a database of Open WebUI 0.6 only those end that rosterd keeps (rule A5).")
            .fails(&[Conflict, IncorrectPassword, PasswordTooLong, InvalidPassword, RateLimitExceeded]),
        get("/api/v1/auths/sessions", "getSessions", sessions::get_sessions)
            .doc("Your open sessions", "Newest first; `current` is the one you ask with (rule A4).")
            .note("For sessions of persons only (rule M12). Sessions that Open WebUI opened are not listed.")
            .fails(&[HumanSessionRequired, Conflict]),
        delete("/api/v1/auths/sessions", "endOtherSessions", sessions::end_other_sessions)
            .doc("End your other sessions", "`true`. The one you ask with goes on.")
            .note("For sessions of persons only (rule M12). Sessions that Open WebUI opened go on.")
            .fails(&[HumanSessionRequired, Conflict]),
        delete("/api/v1/auths/sessions/{id}", "endSession", sessions::end_session)
            .doc("End one of your sessions", "`true`. It may be the one you ask with.")
            .note("For sessions of persons only (rule M12).")
            .fails(&[HumanSessionRequired, NotFound, Conflict]),
        get("/api/v1/auths/last_sign_in", "getLastSignIn", sessions::get_last_sign_in)
            .doc("Your last sign-in", "When it was, and how many attempts failed since and before (rule A12).")
            .note("For sessions of persons only (rule M12).")
            .fails(&[HumanSessionRequired, Conflict]),
        get("/api/v1/auths/admin/details", "getAdminDetails", account::get_admin_details)
            .doc("Whom to ask for approval", "The configured e-mail address, else that of the primary admin.")
            .fails(&[FeatureOff]),
        get("/api/v1/auths/mfa/status", "getMfaStatus", elsewhere::get_mfa_status)
            .doc("Your second factor", "What Open WebUI has stored of it; without one all is off.")
            .fails(&[HumanSessionRequired]),
        get("/api/v1/auths/admin/config/ldap", "getLdapConfig", elsewhere::get_ldap_config)
            .doc("Whether Open WebUI signs in by LDAP", "What Open WebUI has stored; rosterd has no LDAP."),
        post("/api/v1/auths/admin/config/ldap", "updateLdapConfig", elsewhere::set_ldap_config)
            .doc("Keep LDAP as it is", "The same.")
            .note("Anything else is refused: rosterd has no LDAP to switch on.")
            .fails(&[Conflict]),
        get("/api/v1/auths/admin/config/ldap/server", "getLdapServer", elsewhere::get_ldap_server)
            .doc("Open WebUI's LDAP server", "The settings, without the password."),
        get("/api/v1/auths/admin/config/oauth", "getOAuthConfig", elsewhere::get_oauth_config)
            .doc("Signing in by OAuth", "The settings, all off or empty: rosterd has no OAuth."),
        delete("/api/v1/auths/oauth/sessions/{provider:.*}", "deleteOAuthSessions", account::delete_oauth_sessions)
            .doc("Delete your sessions with an identity provider", "`true`. Open WebUI makes such sessions.")
            .fails(&[NotFound]),
    ];
    let lines = lines.into_iter().chain(by_link()).chain(keys()).chain(refusals()).collect();
    Section { tag: "accounts", about: "Signing up, in and out, and one's own account.", lines }
}

/// What somebody does who has a one-time link.
fn by_link() -> [Line; 6] {
    [
        post("/api/v1/auths/link", "showLink", links::show_link)
            .doc("Look at a link", "What it is for, and for whom. It can still be used (rule O3).")
            .note(DEAD)
            .fails(&[InvalidLink, FeatureOff, Conflict, RateLimitExceeded]),
        post("/api/v1/auths/invite/accept", "acceptInvite", links::accept_invite)
            .doc("Accept an invite", "A session. The account has this password from now on (rule O5).")
            .note(DEAD)
            .fails(&[InvalidLink, PasswordTooLong, InvalidPassword, FeatureOff, Conflict, RateLimitExceeded]),
        post("/api/v1/auths/password/reset", "resetPassword", links::reset_password)
            .doc("Set a new password by a link", "`true`. All sessions of the account end (rule O5).")
            .note(DEAD)
            .fails(&[InvalidLink, PasswordTooLong, InvalidPassword, FeatureOff, Conflict, RateLimitExceeded]),
        post("/api/v1/auths/password/forgot", "forgotPassword", links::forgot_password)
            .doc("Ask for a link for a new password", "`true`, whether an account has this e-mail address or not (rule Q8).")
            .note(
                "The link goes to that e-mail address, a moment later. 403 where mail is not set up, where nobody has said by which \
                 URL people reach this server, and where nobody signs in with a password. Limited by e-mail address and client IP.",
            )
            .fails(&[InvalidEmailFormat, FeatureOff, RateLimitExceeded]),
        post("/api/v1/auths/email/confirm", "confirmEmail", links::confirm_email)
            .doc("Confirm an e-mail address by a link", "`true`. The account has the role that it waited for (rule C4).")
            .note(
                "400 `INVALID_LINK` also where somebody has given the account a role meanwhile. Tries are counted by client IP.",
            )
            .fails(&[InvalidLink, Conflict, RateLimitExceeded]),
        post("/api/v1/auths/email/confirm/resend", "resendEmailConfirmation", links::resend_email_confirmation)
            .doc(
                "Ask for another link to confirm your e-mail address",
                "`true`. It goes to that e-mail address, and the one before does not work any more (rule C5).",
            )
            .note(
                "For sessions of persons only (rule M12). 409 where nothing is to be confirmed. 429 less than five minutes after \
                 the mail before.",
            )
            .fails(&[HumanSessionRequired, Conflict, RateLimitExceeded]),
    ]
}

/// What is said of calls with a link.
const DEAD: &str = "400 `INVALID_LINK` for a link that was used, has ended or was replaced, and for one that was never there: nobody \
                    can tell these apart. A password that is refused leaves the link as it is. Tries are counted by client IP.";

/// API keys.
fn keys() -> [Line; 6] {
    [
        get("/api/v1/auths/api_key", "getAPIKey", api_keys::get_api_key)
            .doc(
                "Your API key",
                "The key. In a standalone database it is its beginning and asterisks (rule K7).",
            )
            .fails(&[ApiKeyNotFound]),
        post("/api/v1/auths/api_key", "createAPIKey", api_keys::create_api_key)
            .doc("Create an API key", "A new key, which replaces the old one.")
            .fails(&[ApiKeyCreationNotAllowed]),
        delete("/api/v1/auths/api_key", "deleteAPIKey", api_keys::delete_api_key)
            .doc("Delete your API key", "`true`; on a database of Open WebUI 0.6 whether there was one."),
        get("/api/v1/auths/api_keys", "listAPIKeys", api_keys::list_api_keys)
            .doc(
                "Your API keys",
                "The newest first, ended ones too. The key of `/auths/api_key` has no name.",
            )
            .note(PERSONS)
            .fails(&[HumanSessionRequired, Conflict]),
        post("/api/v1/auths/api_keys", "createNamedAPIKey", api_keys::create_named_api_key)
            .doc("Create an API key with a name", "The key, which is never shown again (rules K1 to K5).")
            .note(PERSONS)
            .fails(&[HumanSessionRequired, ApiKeyCreationNotAllowed, Conflict]),
        delete("/api/v1/auths/api_keys/{id}", "deleteAPIKeyById", api_keys::delete_api_key_by_id)
            .doc("Delete one of your API keys", "`true`. It is refused from the next request on.")
            .note(PERSONS)
            .fails(&[HumanSessionRequired, ApiKeyNotFound, Conflict]),
    ]
}

/// What is said of the calls about keys with a name.
const PERSONS: &str = "For sessions of persons only (rules M12 and K6). 409 on a database of Open WebUI without rosterd's \
                       tables; `rosterd adopt --apply` adds them.";

/// What only Open WebUI does.
fn refusals() -> [Line; 11] {
    [
        refusal(Method::POST, "/api/v1/auths/mfa/challenge", elsewhere::challenge),
        refusal(Method::POST, "/api/v1/auths/mfa/enroll/start", elsewhere::enroll),
        refusal(Method::POST, "/api/v1/auths/mfa/enroll/confirm", elsewhere::answer_challenge),
        refusal(Method::POST, "/api/v1/auths/mfa/verify", elsewhere::answer_challenge),
        refusal(Method::POST, "/api/v1/auths/mfa/recover", elsewhere::answer_challenge),
        refusal(Method::POST, "/api/v1/auths/mfa/replace", elsewhere::replace_factor),
        refusal(Method::POST, "/api/v1/auths/mfa/recovery/codes", elsewhere::replace_factor),
        refusal(Method::POST, "/api/v1/auths/ldap", elsewhere::sign_in_by_ldap),
        refusal(Method::POST, "/api/v1/auths/admin/config/ldap/server", elsewhere::set_ldap_server),
        refusal(Method::POST, "/api/v1/auths/admin/config/oauth", elsewhere::set_oauth_config),
        refusal(Method::POST, "/api/v1/auths/oauth/{provider}/token/exchange", elsewhere::exchange_token),
    ]
}
