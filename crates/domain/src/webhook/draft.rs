//! What a webhook is made of, as it is sent.

use crate::audit::ActionFilter;
use crate::error::DomainError;

/// The longest URL, in bytes.
pub const MAX_URL: usize = 2000;

/// The most names of events that a webhook has.
pub const MAX_EVENT_NAMES: usize = 50;

/// The field of every body that the names come in.
const FIELD: &str = "events";

/// Which events a webhook is for (rule W3): names such as `user.created`, or all of a kind such as `user.*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventNames {
    names: Vec<String>,
    filters: Vec<ActionFilter>,
}

impl EventNames {
    /// Reads names as somebody sent them; the second of two equal ones is left out.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["events"]` for none and for more than [`MAX_EVENT_NAMES`], and at the number of the first
    /// that is no name.
    pub fn parse(sent: Vec<String>) -> Result<Self, DomainError> {
        if sent.is_empty() {
            return Err(DomainError::field(
                FIELD,
                "must name at least one event, such as user.created, or user.* or *",
            ));
        }
        if sent.len() > MAX_EVENT_NAMES {
            return Err(DomainError::field(FIELD, "must not have more than 50 names"));
        }
        let (mut names, mut filters) = (Vec::new(), Vec::new());
        for (number, name) in sent.into_iter().enumerate() {
            let Some(filter) = ActionFilter::parse(&name) else {
                let message =
                    "must be the name of an event, such as user.created, or of a kind, such as user.*";
                return Err(DomainError::Field {
                    path: vec![FIELD.to_owned(), number.to_string()],
                    message: message.to_owned(),
                });
            };
            if !names.contains(&name) {
                names.push(name);
                filters.push(filter);
            }
        }
        Ok(Self { names, filters })
    }

    /// Names as they are stored. What is no name matches nothing.
    #[must_use]
    pub fn from_stored(names: Vec<String>) -> Self {
        let filters = names.iter().filter_map(|name| ActionFilter::parse(name)).collect();
        Self { names, filters }
    }

    /// The names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether an event of this name is meant.
    #[must_use]
    pub fn mean(&self, action: &str) -> bool {
        self.filters.iter().any(|filter| filter.fits(action))
    }
}

/// How long a secret is still used after it was replaced, in seconds (rule W5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap(i64);

impl Overlap {
    /// The longest, in seconds: a week.
    pub const LONGEST: i64 = 7 * 24 * 3600;

    /// So many seconds.
    ///
    /// # Errors
    /// [`DomainError::Field`] at `["overlap"]` for a number below 0 or over [`Self::LONGEST`].
    pub fn parse(seconds: i64) -> Result<Self, DomainError> {
        if (0..=Self::LONGEST).contains(&seconds) {
            Ok(Self(seconds))
        } else {
            Err(DomainError::field("overlap", "must be a number of seconds from 0 to 604800, a week"))
        }
    }

    /// The seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl Default for Overlap {
    /// A day.
    fn default() -> Self {
        Self(24 * 3600)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sent: &[&str]) -> Result<EventNames, DomainError> {
        EventNames::parse(sent.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn w3_events_are_meant_by_name_or_by_kind() {
        let some = names(&["user.*", "group.created", "user.*"]).unwrap();
        assert_eq!(some.names(), ["user.*", "group.created"]);
        for (action, meant) in [
            ("user.created", true),
            ("user.role_changed", true),
            ("group.created", true),
            ("group.created_again", false),
            ("group.deleted", false),
            ("users.created", false),
        ] {
            assert_eq!(some.mean(action), meant, "{action}");
        }
        assert!(names(&["*"]).unwrap().mean("anything.at_all"));
    }

    #[test]
    fn w3_what_is_no_name_is_refused_by_its_number() {
        let Err(DomainError::Field { path, .. }) = names(&["user.*", "User created"]) else { panic!() };
        assert_eq!(path, ["events", "1"]);
        assert!(names(&[]).is_err());
        assert!(names(&["user.created"; MAX_EVENT_NAMES + 1]).is_err());
        let stored = EventNames::from_stored(vec!["?".to_owned(), "a.b".to_owned()]);
        assert!(!stored.mean("?") && stored.mean("a.b"));
    }

    #[test]
    fn w5_two_secrets_overlap_for_a_week_at_most() {
        assert_eq!(Overlap::default().seconds(), 86_400);
        assert!(Overlap::parse(0).is_ok() && Overlap::parse(Overlap::LONGEST).is_ok());
        assert!(Overlap::parse(-1).is_err() && Overlap::parse(Overlap::LONGEST + 1).is_err());
    }
}
