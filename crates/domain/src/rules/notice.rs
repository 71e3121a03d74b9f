//! What the owner of an account is to be told at once, in the words of a mail (rule A11): a sign-in from where the account was
//! not seen before, and another password.

use serde::Serialize;

use crate::clock::{UnixSeconds, spelled};

/// Where a sign-in or another request came from, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignInOrigin {
    /// The client IP.
    pub client_ip: Option<String>,
    /// What the program said of itself, as [`user_agent`](crate::session::user_agent) keeps it.
    pub user_agent: Option<String>,
}

impl SignInOrigin {
    /// Whether none of these sessions came from here: from the same client IP and by the same program. The first sign-in of
    /// all is new, too.
    #[must_use]
    pub fn is_new_among(&self, earlier: &[Self]) -> bool {
        !earlier.contains(self)
    }
}

/// Who gave an account another password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFrom {
    /// Its owner.
    Owner,
    /// An admin.
    Admin,
    /// Whoever runs the server.
    Operator,
}

/// A message to the owner of an account, in plain text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Notice {
    /// What a mail would have as its subject.
    pub title: &'static str,
    /// What a mail would say: what happened, when, from where, and what to do.
    pub text: String,
}

impl Notice {
    /// Of a sign-in from where the account was not seen before.
    #[must_use]
    pub fn of_new_sign_in(at: UnixSeconds, origin: &SignInOrigin) -> Self {
        Self {
            title: "New sign-in to your account",
            text: format!(
                "Somebody signed in to your account from a browser or a place that was not used before.\n\n{}\n\nIf this was you, \
                 there is nothing to do. If not, change your password now, which ends all sessions, and tell an administrator.",
                circumstances(at, origin)
            ),
        }
    }

    /// Of another password. Where an admin or the operator set it, `origin` is nobody's: it would be that of somebody else.
    #[must_use]
    pub fn of_password(at: UnixSeconds, from: PasswordFrom, origin: &SignInOrigin) -> Self {
        let (what, otherwise) = match from {
            PasswordFrom::Owner => (
                "The password of your account was changed.",
                "If this was not you, somebody else knows your old password: ask an administrator at once to set a new one.",
            ),
            PasswordFrom::Admin => (
                "An administrator set a new password for your account.",
                "If you did not expect this, ask your administrators.",
            ),
            PasswordFrom::Operator => (
                "The operator of the server set a new password for your account.",
                "If you did not expect this, ask your administrators.",
            ),
        };
        let circumstances = circumstances(at, origin);
        Self {
            title: "Your password was changed",
            text: format!(
                "{what}\n\n{circumstances}\n\nAll sessions have ended: sign in again with the new password. API keys go on. {otherwise}"
            ),
        }
    }
}

/// The time, and where from, a line each.
fn circumstances(at: UnixSeconds, origin: &SignInOrigin) -> String {
    let time = spelled(at);
    let ip = origin.client_ip.as_deref().map(|ip| format!("\nClient IP: {ip}"));
    let agent = origin.user_agent.as_deref().map(|agent| format!("\nProgram: {agent}"));
    format!("Time: {time}{}{}", ip.unwrap_or_default(), agent.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(ip: &str, agent: &str) -> SignInOrigin {
        SignInOrigin { client_ip: Some(ip.to_owned()), user_agent: Some(agent.to_owned()) }
    }

    #[test]
    fn a11_a_sign_in_is_new_unless_client_ip_and_program_were_seen_together() {
        let earlier =
            [origin("192.0.2.1", "Firefox"), origin("192.0.2.2", "curl/8"), SignInOrigin::default()];
        for known in &earlier {
            assert!(!known.is_new_among(&earlier), "{known:?}");
        }
        for new in [origin("192.0.2.1", "curl/8"), origin("192.0.2.3", "Firefox")] {
            assert!(new.is_new_among(&earlier), "{new:?}");
        }
        assert!(origin("192.0.2.1", "Firefox").is_new_among(&[]));
    }

    #[test]
    fn a11_a_notice_says_when_from_where_and_what_to_do() {
        let Notice { title, text } = Notice::of_new_sign_in(1_790_000_000, &origin("192.0.2.1", "Firefox"));
        assert_eq!(title, "New sign-in to your account");
        for part in [
            "2026-09-21 14:13:20 UTC",
            "Client IP: 192.0.2.1\n",
            "Program: Firefox\n",
            "change your password",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let unknown = Notice::of_new_sign_in(1_790_000_000, &SignInOrigin::default()).text;
        assert!(!unknown.contains("Client IP") && !unknown.contains("Program"), "{unknown}");
    }

    #[test]
    fn a11_a_notice_of_another_password_says_who_set_it() {
        for (from, words) in [
            (PasswordFrom::Owner, "The password of your account was changed."),
            (PasswordFrom::Admin, "An administrator set"),
            (PasswordFrom::Operator, "The operator of the server set"),
        ] {
            let Notice { title, text } = Notice::of_password(0, from, &SignInOrigin::default());
            assert_eq!(title, "Your password was changed");
            assert!(text.starts_with(words) && text.contains("1970-01-01 00:00:00 UTC"), "{text}");
        }
        // No calendar has this second.
        assert!(
            Notice::of_new_sign_in(i64::MAX, &SignInOrigin::default()).text.contains(&i64::MAX.to_string())
        );
    }
}
