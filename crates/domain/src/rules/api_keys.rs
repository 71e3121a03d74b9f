//! Who may use API keys, for what and for how long (rules K2, K4 and K5).

use crate::api_key::KeyLimits;
use crate::clock::UnixSeconds;
use crate::dialect::Dialect;
use crate::error::DomainError;
use crate::permissions::EffectivePermissions;
use crate::role::Role;
use crate::rules::duration::TokenLife;

/// Whether an account may make an API key and be called by one: keys are enabled on this server, and the account is
/// an admin's or has `features.api_keys`.
#[must_use]
pub fn may_use_api_key(role: &Role, permissions: &EffectivePermissions, enabled: bool) -> bool {
    enabled && (role.is_admin() || permissions.api_keys())
}

/// What the deletion of one's own key is answered with; `was_there` is whether there was one. In the newest dialect it is
/// always true: there is none now (rule M20).
#[must_use]
pub const fn answer_to_deletion(dialect: Dialect, was_there: bool) -> bool {
    match dialect {
        Dialect::V0_6 => was_there,
        Dialect::V0_12 => true,
    }
}

/// Whether a key whose `expires_at` is this has ended at `now`: its last second is the one before. A key without one has
/// no end. A time beyond the year 5000 is one in milliseconds, as some scripts write it.
#[must_use]
pub const fn has_ended(expires_at: Option<UnixSeconds>, now: UnixSeconds) -> bool {
    const FIRST_IN_MILLISECONDS: i64 = 100_000_000_000;
    match expires_at {
        None => false,
        Some(at) if at >= FIRST_IN_MILLISECONDS => at / 1000 <= now,
        Some(at) => at <= now,
    }
}

/// How many keys with a name an account may have that have not ended (rule K2).
pub const MAX_KEYS: usize = 50;

/// How long keys live (rule K2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyLives {
    /// Where the request says nothing; the longest life if that is shorter.
    pub usual: TokenLife,
    /// At most.
    pub longest: TokenLife,
}

impl Default for KeyLives {
    /// 90 days, and a year at most.
    fn default() -> Self {
        Self { usual: TokenLife::Seconds(90 * 86_400), longest: TokenLife::Seconds(365 * 86_400) }
    }
}

/// What a request says about the end of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentEnd {
    /// Nothing.
    Nothing,
    /// It lives so long from now on.
    In(TokenLife),
    /// It ends at this second.
    At(UnixSeconds),
}

impl SentEnd {
    /// What two fields of a form say, of which one may be sent.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `expires_at` where both are.
    pub fn of(expires_in: Option<TokenLife>, expires_at: Option<UnixSeconds>) -> Result<Self, DomainError> {
        match (expires_in, expires_at) {
            (None, None) => Ok(Self::Nothing),
            (Some(life), None) => Ok(Self::In(life)),
            (None, Some(at)) => Ok(Self::At(at)),
            (Some(_), Some(_)) => Err(DomainError::field("expires_at", "must not be sent with expires_in")),
        }
    }
}

/// The end of a key that is made at `now` (rule K2); `None`: it has none.
///
/// # Errors
/// [`DomainError::Field`] at `expires_in` or `expires_at` where the key would live longer than is allowed, or would have ended
/// already.
pub fn end_of_new_key(
    sent: SentEnd,
    lives: KeyLives,
    now: UnixSeconds,
) -> Result<Option<UnixSeconds>, DomainError> {
    let (field, end) = match sent {
        SentEnd::Nothing => {
            let ends = [lives.usual, lives.longest].into_iter().filter_map(|life| life.expires_at(now));
            return Ok(ends.min());
        }
        SentEnd::In(life) => ("expires_in", life.expires_at(now)),
        SentEnd::At(at) if at <= now => {
            return Err(DomainError::field("expires_at", "must be in the future, as seconds since 1970"));
        }
        SentEnd::At(at) => ("expires_at", Some(at)),
    };
    match lives.longest.expires_at(now) {
        Some(last) if end.is_none_or(|end| end > last) => {
            let days = last.saturating_sub(now) / 86_400;
            let life = if days > 0 { format!("{days} days") } else { format!("{} seconds", last - now) };
            Err(DomainError::field(field, format!("must not be later than {life} from now")))
        }
        _ => Ok(end),
    }
}

/// What a request asks for, as far as keys are limited by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// To be shown something.
    Reading,
    /// Anything else.
    Changing,
}

/// Whether a key with these limits may ask this at this path (rules K4 and K5).
#[must_use]
pub fn is_within(limits: &KeyLimits, asks: Asks, path: &str) -> bool {
    let reads = asks == Asks::Reading || !limits.read_only;
    reads && limits.allowed_paths.as_ref().is_none_or(|allowed| is_allowed(allowed, path))
}

/// Whether a path is on the list, or below a path that is: it goes on after a `/`.
#[must_use]
pub fn is_allowed(allowed: &[String], path: &str) -> bool {
    allowed.iter().filter(|prefix| !prefix.is_empty()).any(|prefix| {
        path == prefix
            || path
                .strip_prefix(prefix.as_str())
                .is_some_and(|rest| rest.starts_with('/') || prefix.ends_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::ApiKeyId;
    use crate::permissions::{PermissionTree, UserPermissions};

    const DAY: i64 = 86_400;

    #[test]
    fn k2_a_key_lives_90_days_unless_asked_otherwise_and_no_longer_than_allowed() {
        let lives = KeyLives::default();
        let end = |sent, lives| end_of_new_key(sent, lives, 1_000);
        assert_eq!(end(SentEnd::Nothing, lives), Ok(Some(1_000 + 90 * DAY)));
        assert_eq!(end(SentEnd::In(TokenLife::Seconds(3_600)), lives), Ok(Some(4_600)));
        assert_eq!(end(SentEnd::In(TokenLife::Seconds(365 * DAY)), lives), Ok(Some(1_000 + 365 * DAY)));
        assert_eq!(end(SentEnd::At(1_001), lives), Ok(Some(1_001)));
        for wrong in [
            SentEnd::In(TokenLife::Seconds(365 * DAY + 1)),
            SentEnd::In(TokenLife::Never),
            SentEnd::At(1_000 + 365 * DAY + 1),
            SentEnd::At(1_000),
            SentEnd::At(-1),
            SentEnd::At(i64::MAX),
        ] {
            assert!(matches!(end(wrong, lives), Err(DomainError::Field { .. })), "{wrong:?}");
        }
        let short = KeyLives { longest: TokenLife::Seconds(DAY), ..lives };
        assert_eq!(end(SentEnd::Nothing, short), Ok(Some(1_000 + DAY)));
        assert!(SentEnd::of(Some(TokenLife::Never), Some(1)).is_err());
        assert_eq!(SentEnd::of(None, Some(1)), Ok(SentEnd::At(1)));
        let endless = KeyLives { usual: TokenLife::Never, longest: TokenLife::Never };
        assert_eq!(end(SentEnd::Nothing, endless), Ok(None));
        assert_eq!(end(SentEnd::In(TokenLife::Never), endless), Ok(None));
        assert_eq!(
            end(SentEnd::Nothing, KeyLives { longest: TokenLife::Never, ..lives }),
            Ok(Some(1_000 + 90 * DAY))
        );
    }

    #[test]
    fn k4_k5_a_key_is_held_to_its_limits() {
        let limits = |read_only, paths: Option<&[&str]>| KeyLimits {
            id: ApiKeyId::from_stored("k".to_owned()),
            read_only,
            allowed_paths: paths.map(|paths| paths.iter().map(|&path| path.to_owned()).collect()),
        };
        let (free, reader) = (limits(false, None), limits(true, None));
        assert!(is_within(&free, Asks::Changing, "/x") && is_within(&reader, Asks::Reading, "/x"));
        assert!(!is_within(&reader, Asks::Changing, "/x"));
        let held = limits(false, Some(&["/api/v1/users", "/health/"]));
        for within in ["/api/v1/users", "/api/v1/users/", "/api/v1/users/search", "/health/", "/health/db"] {
            assert!(is_within(&held, Asks::Changing, within), "{within}");
        }
        for outside in ["/api/v1/usersx", "/api/v1", "/health", "/", "/API/V1/USERS"] {
            assert!(!is_within(&held, Asks::Changing, outside), "{outside}");
        }
        // What is stored cannot be read: nothing is allowed.
        assert!(!is_within(&limits(false, Some(&[])), Asks::Reading, "/health"));
    }

    #[test]
    fn m20_deleting_nothing_is_true_in_the_newest_dialect() {
        for was_there in [true, false] {
            assert_eq!(answer_to_deletion(Dialect::V0_6, was_there), was_there);
            assert!(answer_to_deletion(Dialect::V0_12, was_there));
        }
    }

    #[test]
    fn a_key_ends_at_its_second() {
        assert!(!has_ended(None, i64::MAX));
        assert!(!has_ended(Some(1001), 1000));
        assert!(has_ended(Some(1000), 1000));
        assert!(has_ended(Some(0), 1000), "what could not be read");
        assert!(has_ended(Some(1_700_000_000_000), 1_700_000_000));
        assert!(!has_ended(Some(1_700_000_001_000), 1_700_000_000));
        assert!(!has_ended(Some(i64::MAX), 1_700_000_000));
    }

    #[test]
    fn the_switch_comes_before_role_and_right() {
        let none = PermissionTree::default();
        let granting = PermissionTree::from_json(r#"{"features":{"api_keys":true}}"#);
        let without = EffectivePermissions::compute(&none, [], &UserPermissions::builtin());
        let with = EffectivePermissions::compute(&none, [&granting], &UserPermissions::builtin());
        assert!(may_use_api_key(&Role::Admin, &without, true));
        assert!(may_use_api_key(&Role::User, &with, true));
        assert!(!may_use_api_key(&Role::User, &without, true));
        assert!(!may_use_api_key(&Role::Admin, &with, false));
    }
}
