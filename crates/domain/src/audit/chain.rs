//! Which events are kept for ever, and which for a while.

use std::fmt;

/// One of the two chains of seals. What is removed from one of them after its time leaves the other whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chain {
    /// Events that are kept without end, unless the settings say otherwise.
    Lasting,
    /// Events that are kept for a while: what people change about themselves every day.
    Passing,
}

impl Chain {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Lasting, Self::Passing];

    /// The actions of the events in [`Passing`](Self::Passing). Once an event is sealed, its chain never changes: so an action
    /// may come to this list only together with a migration.
    pub const PASSING: [&'static str; 4] =
        ["user.settings_changed", "user.info_changed", "user.variables_changed", "user.status_changed"];

    /// The chain of events with this action.
    #[must_use]
    pub fn of(action: &str) -> Self {
        if Self::PASSING.contains(&action) { Self::Passing } else { Self::Lasting }
    }

    /// Its name in the database and in messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lasting => "lasting",
            Self::Passing => "passing",
        }
    }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
