//! Browsers in which the owner of an account has signed in before (rule M28).
//!
//! Such a browser has a cookie that says so. It opens nothing: only the limit of tries of the account alone does not count
//! there, so that nobody can keep the owner out by trying many passwords. The cookie holds an end and a signature of the
//! account, its session stamp and that end. So it is worth nothing for another account, and nothing after the password was
//! changed or all sessions were ended, where the database has stamps.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_storage::SignIn;
use sha2::Sha256;

use crate::keyed::keyed;
use crate::settings::TokenSecret;

/// Name of the cookie.
pub const BROWSER_COOKIE: &str = "rosterd_browser";

/// How long a browser is known, in seconds: 90 days.
pub const KNOWN_FOR: i64 = 90 * 24 * 3600;

/// Signs and checks these cookies.
pub(crate) struct KnownBrowsers(Hmac<Sha256>);

impl KnownBrowsers {
    /// # Errors
    /// As [`keyed`].
    pub(crate) fn new(secret: &TokenSecret) -> std::io::Result<Self> {
        keyed(secret, "rosterd: browsers in which an account has signed in").map(Self)
    }

    /// The cookie for a browser in which this account has just signed in.
    pub(crate) fn mark(&self, account: &SignIn, now: UnixSeconds) -> String {
        let until = now.saturating_add(KNOWN_FOR);
        let signature =
            self.over(&account.id, account.session_stamp.as_deref(), until).finalize().into_bytes();
        format!("{until}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether a cookie says so of this account as it is now.
    pub(crate) fn knows(&self, cookie: &str, account: &SignIn, now: UnixSeconds) -> bool {
        let Some((until, signature)) = cookie.split_once('.') else { return false };
        let (Ok(until), Ok(signature)) = (until.parse(), BASE64_URL_SAFE_NO_PAD.decode(signature)) else {
            return false;
        };
        let signed = self.over(&account.id, account.session_stamp.as_deref(), until);
        now < until && signed.verify_slice(&signature).is_ok()
    }

    fn over(&self, id: &UserId, stamp: Option<&str>, until: UnixSeconds) -> Hmac<Sha256> {
        // Lengths first: no account and stamp together read as another pair.
        let (id, stamp) = (id.as_str(), stamp.unwrap_or_default());
        self.0.clone().chain_update(format!("{until} {} {} {id}{stamp}", id.len(), stamp.len()))
    }
}

#[cfg(test)]
mod tests {
    use rosterd_domain::secret::PasswordHash;

    use super::*;

    const NOW: UnixSeconds = 1_700_000_000;

    fn browsers(secret: &str) -> KnownBrowsers {
        KnownBrowsers::new(&TokenSecret::new(secret)).unwrap()
    }

    fn account(id: &str, stamp: Option<&str>) -> SignIn {
        SignIn {
            id: UserId::from_stored(id.to_owned()),
            hash: PasswordHash::from_stored(String::new()),
            active: true,
            session_stamp: stamp.map(str::to_owned),
        }
    }

    #[test]
    fn m28_a_browser_is_known_for_one_account_its_stamp_and_90_days() {
        let known = browsers("secret");
        let bob = account("bob", Some("stamp"));
        let cookie = known.mark(&bob, NOW);
        assert!(known.knows(&cookie, &bob, NOW));
        assert!(known.knows(&cookie, &bob, NOW + KNOWN_FOR - 1));
        assert!(!known.knows(&cookie, &bob, NOW + KNOWN_FOR));
        for other in [account("eve", Some("stamp")), account("bob", Some("new")), account("bob", None)] {
            assert!(!known.knows(&cookie, &other, NOW), "{other:?}");
        }
        assert!(!known.knows(&cookie, &account("bobs", Some("tamp")), NOW));
        assert!(!browsers("another").knows(&cookie, &bob, NOW));
    }

    #[test]
    fn what_is_forged_is_not_known() {
        let known = browsers("secret");
        let bob = account("bob", None);
        let cookie = known.mark(&bob, NOW);
        let (until, signature) = cookie.split_once('.').unwrap();
        assert!(known.knows(&cookie, &bob, NOW));
        for forged in [
            String::new(),
            ".".to_owned(),
            until.to_owned(),
            format!("{until}."),
            format!("{}.{signature}", NOW + 2 * KNOWN_FOR),
            format!("+{until}.{signature}x"),
            format!("{until}.{}", &signature[1..]),
        ] {
            assert!(!known.knows(&forged, &bob, NOW), "{forged}");
        }
    }
}
