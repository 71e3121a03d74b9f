//! What may be done with which kind of session (rule M12).

use crate::dialect::Dialect;

/// Whether the caller's own session (`GET /auths/`) is shown to persons alone: to tokens of a session, and neither to API
/// keys nor to programs that act on somebody's behalf (rule M12). Open WebUI 0.6 shows it to all of them.
#[must_use]
pub const fn is_for_persons_alone(dialect: Dialect) -> bool {
    match dialect {
        Dialect::V0_6 => false,
        Dialect::V0_12 => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m12_the_newest_dialect_shows_a_session_to_persons_alone() {
        assert!(is_for_persons_alone(Dialect::V0_12));
        assert!(!is_for_persons_alone(Dialect::V0_6));
    }
}
