//! Which events somebody asks for.

use crate::clock::UnixMillis;

/// Which events, newest first. What is `None` excludes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventQuery {
    /// Those that this account or job did.
    pub actor: Option<String>,
    /// Those about this user or group.
    pub subject: Option<String>,
    /// Those with this action.
    pub action: Option<ActionFilter>,
    /// Those of this moment or later.
    pub from: Option<UnixMillis>,
    /// Those before this moment.
    pub to: Option<UnixMillis>,
    /// Those that came from this client IP, as it is stored.
    pub client_ip: Option<String>,
    /// Those of the request with this id.
    pub request_id: Option<String>,
    /// Those after this one in the order of the list: the id of the last event of the page before.
    pub after: Option<String>,
    /// At most so many.
    pub limit: i64,
}

/// One action, or all of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionFilter {
    /// This one.
    Is(String),
    /// All that begin with this text.
    Begins(String),
}

impl ActionFilter {
    /// Reads `user.created`, or `user.*` for all whose name begins with `user.`. `None` for a text with other characters than
    /// names of actions have.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, all) = match text.strip_suffix('*') {
            Some(name) => (name, true),
            None => (text, false),
        };
        let fits = name.len() <= 64 && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'.' | b'_'));
        let filter = if all { Self::Begins } else { Self::Is };
        (fits && (all || !name.is_empty())).then(|| filter(name.to_owned()))
    }

    /// Whether this action is meant.
    #[must_use]
    pub fn fits(&self, action: &str) -> bool {
        match self {
            Self::Is(name) => name == action,
            Self::Begins(beginning) => action.starts_with(beginning.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_one_or_all_of_a_kind() {
        assert_eq!(ActionFilter::parse("user.created"), Some(ActionFilter::Is("user.created".to_owned())));
        assert_eq!(ActionFilter::parse("sign_in.*"), Some(ActionFilter::Begins("sign_in.".to_owned())));
        assert_eq!(ActionFilter::parse("*"), Some(ActionFilter::Begins(String::new())));
        for wrong in ["", "User", "user.%", "a*b", "user created"] {
            assert_eq!(ActionFilter::parse(wrong), None, "{wrong}");
        }
    }
}
