//! What a database that is being opened is busy with, for whoever waits for it.

use std::fmt;
use std::sync::Arc;

/// What [`Store::open`](crate::Store::open) is doing. `Display` says it in a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opening {
    /// Making the first connection. SQLite then also takes over what a crash left in its log.
    Connecting,
    /// Reading which tables, columns and indexes there are.
    Looking,
    /// Waiting until no other process changes the tables.
    Waiting,
    /// Running the migration with this number, from 1, of so many that are pending.
    Updating {
        /// The number.
        step: usize,
        /// How many are pending.
        of: usize,
    },
    /// Writing the copies of names and e-mail addresses that searches read.
    Folding,
    /// Hashing API keys that an older version stored in the clear.
    HashingKeys,
}

impl fmt::Display for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connecting => f.write_str("connecting"),
            Self::Looking => f.write_str("looking at its tables"),
            Self::Waiting => f.write_str("waiting until no other process changes its tables"),
            Self::Updating { step, of } => write!(f, "updating its tables, step {step} of {of}"),
            Self::Folding => f.write_str("updating the copies for searches"),
            Self::HashingKeys => f.write_str("hashing API keys that are stored in the clear"),
        }
    }
}

/// Who is told of each [`Opening`]; nobody by default.
#[derive(Clone, Default)]
pub struct OpeningWatch(Option<Arc<dyn Fn(Opening) + Send + Sync>>);

impl OpeningWatch {
    /// Tells this function, on the thread that opens the database.
    #[must_use]
    pub fn new(told: impl Fn(Opening) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    pub(crate) fn tell(&self, opening: Opening) {
        if let Some(told) = &self.0 {
            told(opening);
        }
    }
}

impl fmt::Debug for OpeningWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpeningWatch").field(&self.0.is_some()).finish()
    }
}
