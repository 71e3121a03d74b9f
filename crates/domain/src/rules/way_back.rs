//! The way back from a deletion (rules B1 to B5): what is kept of a deleted account, for how long, and what stands in the way
//! when it is to come back.

use std::fmt;

use crate::clock::UnixSeconds;
use crate::error::DomainError;
use crate::ids::UserId;

/// How many bytes of values are kept of one account at most (rule B2).
pub const MOST_KEPT_BYTES: i64 = 64 << 20;

/// What is to be kept of an account that is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// What the configuration says.
    #[default]
    AsConfigured,
    /// Nothing.
    Nothing,
}

impl Keep {
    /// What a switch `purge` asks for.
    #[must_use]
    pub fn unless(purge: bool) -> Self {
        if purge { Self::Nothing } else { Self::AsConfigured }
    }

    /// Whether an account is kept (rule B2) for which there is room, where such are kept for so many seconds.
    #[must_use]
    pub fn is_wanted(self, retention: i64, has_tables: bool) -> bool {
        self == Self::AsConfigured && retention > 0 && has_tables
    }
}

/// Decides whether an account with so many bytes may be deleted, if it is to be kept (rule B2).
///
/// # Errors
/// [`DomainError::TooLargeToKeep`].
pub fn ensure_small_enough(bytes: i64) -> Result<(), DomainError> {
    if bytes <= MOST_KEPT_BYTES {
        return Ok(());
    }
    Err(DomainError::TooLargeToKeep { bytes })
}

/// Accounts that were deleted at this second or before are not kept any more (rule B5).
#[must_use]
pub fn kept_since(now: UnixSeconds, retention: i64) -> UnixSeconds {
    now.saturating_sub(retention.max(0))
}

/// What stands in the way of an account that is to come back (rule B4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// There is an account with its id.
    IdTaken,
    /// There is an account with its e-mail address.
    EmailTaken(UserId),
    /// A table has rows with the same ids: its name, and how many.
    RowsTaken(String, i64),
    /// Another row has a value that must be unique.
    ValueTaken,
    /// A table is gone, or one that only a newer version of rosterd knows.
    TableGone(String),
    /// A column is gone, as `table.column`.
    ColumnGone(String),
    /// It is older than the primary admin, whose place it would take.
    WouldBePrimary,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IdTaken => f.write_str("another account has its id now"),
            Self::EmailTaken(owner) => write!(f, "the account {owner} has its e-mail address now"),
            Self::RowsTaken(table, 1) => {
                write!(f, "the table {table} has a row with the id of one of its rows")
            }
            Self::RowsTaken(table, rows) => {
                write!(f, "the table {table} has {rows} rows with ids of its rows")
            }
            Self::ValueTaken => {
                f.write_str("another row has a value of its rows that can be there only once")
            }
            Self::TableGone(table) => {
                write!(f, "the table {table} is not there, or this version does not know it")
            }
            Self::ColumnGone(column) => write!(f, "the column {column} is not there any more"),
            Self::WouldBePrimary => {
                f.write_str("it is older than the primary admin and would take that account's place")
            }
        }
    }
}

/// Decides whether an account may come back.
///
/// # Errors
/// [`DomainError::CannotRestore`] with all that stands in the way (rule B4).
pub fn ensure_free(obstacles: Vec<Obstacle>) -> Result<(), DomainError> {
    if obstacles.is_empty() { Ok(()) } else { Err(DomainError::CannotRestore(obstacles)) }
}

/// Decides the same by who the primary admin was before and who would be it after: nobody becomes it by coming back. Where
/// there was no account at all, somebody has to be it.
///
/// # Errors
/// [`DomainError::CannotRestore`].
pub fn ensure_same_primary(before: Option<&UserId>, after: Option<&UserId>) -> Result<(), DomainError> {
    if before.is_none() || before == after {
        return Ok(());
    }
    Err(DomainError::CannotRestore(vec![Obstacle::WouldBePrimary]))
}

/// The obstacles as the end of a sentence.
pub(crate) fn listed(obstacles: &[Obstacle]) -> String {
    obstacles.iter().map(Obstacle::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> UserId {
        UserId::from_stored(text.to_owned())
    }

    #[test]
    fn b2_an_account_is_kept_unless_the_call_the_setting_or_the_database_says_no() {
        assert!(Keep::unless(false).is_wanted(1, true));
        assert!(!Keep::unless(true).is_wanted(1, true));
        assert!(!Keep::AsConfigured.is_wanted(0, true));
        assert!(!Keep::AsConfigured.is_wanted(1, false));
    }

    #[test]
    fn b2_64_mib_are_kept_and_a_byte_more_is_not() {
        assert_eq!(ensure_small_enough(MOST_KEPT_BYTES), Ok(()));
        let bytes = MOST_KEPT_BYTES + 1;
        assert_eq!(ensure_small_enough(bytes), Err(DomainError::TooLargeToKeep { bytes }));
    }

    #[test]
    fn b4_all_that_stands_in_the_way_is_named() {
        assert_eq!(ensure_free(Vec::new()), Ok(()));
        let obstacles = vec![
            Obstacle::EmailTaken(id("u-7")),
            Obstacle::RowsTaken("chat".to_owned(), 2),
            Obstacle::ColumnGone("chat.summary".to_owned()),
        ];
        assert_eq!(
            ensure_free(obstacles).unwrap_err().to_string(),
            "The account cannot be restored: the account u-7 has its e-mail address now; the table chat has 2 rows with ids of its \
             rows; the column chat.summary is not there any more."
        );
    }

    #[test]
    fn b4_nobody_becomes_the_primary_admin_by_coming_back() {
        let (first, other) = (id("first"), id("other"));
        assert_eq!(ensure_same_primary(Some(&first), Some(&first)), Ok(()));
        assert_eq!(ensure_same_primary(None, Some(&other)), Ok(()));
        assert_eq!(
            ensure_same_primary(Some(&first), Some(&other)),
            Err(DomainError::CannotRestore(vec![Obstacle::WouldBePrimary]))
        );
    }

    #[test]
    fn b5_an_account_is_kept_for_as_long_as_configured() {
        assert_eq!(kept_since(100, 30), 70);
        assert_eq!(kept_since(100, 0), 100);
        assert_eq!(kept_since(i64::MIN, 30), i64::MIN);
    }
}
