//! What may be done with which kind of session (rule M12), and what ends sessions (rule A5).

use crate::dialect::Dialect;
use crate::role::Role;

/// Whether the caller's own session (`GET /auths/`) is shown to persons alone: to tokens of a session, and neither to API
/// keys nor to programs that act on somebody's behalf (rule M12). Open WebUI 0.6 shows it to all of them.
#[must_use]
pub const fn is_for_persons_alone(dialect: Dialect) -> bool {
    match dialect {
        Dialect::V0_6 => false,
        Dialect::V0_12 => true,
    }
}

/// Whether an account that had one role may do less with the other. Then all its sessions end (rule A5).
#[must_use]
pub fn is_demotion(from: &Role, to: &Role) -> bool {
    let rank = |role: &Role| (role.is_verified(), role.is_admin());
    rank(to) < rank(from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a5_a_role_that_allows_less_is_a_demotion() {
        let unknown = Role::Unknown("boss".into());
        let ordered = [&Role::Pending, &Role::User, &Role::Admin];
        for (low, lower) in ordered.iter().enumerate() {
            for (high, higher) in ordered.iter().enumerate() {
                assert_eq!(is_demotion(higher, lower), high > low, "{higher} to {lower}");
            }
        }
        assert!(is_demotion(&Role::User, &unknown) && !is_demotion(&unknown, &Role::User));
    }

    #[test]
    fn m12_the_newest_dialect_shows_a_session_to_persons_alone() {
        assert!(is_for_persons_alone(Dialect::V0_12));
        assert!(!is_for_persons_alone(Dialect::V0_6));
    }
}
