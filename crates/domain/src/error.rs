//! The reasons for which a rule can refuse something.
//!
//! A variant says *what* is wrong. Status codes and error codes are the task of the HTTP layer. The sentences are
//! written for the person who sent the request, and never contain a secret, a hash or data of another person.

use thiserror::Error;

use crate::json::Unreadable;
use crate::rules::way_back::{self, MOST_KEPT_BYTES, Obstacle};

/// One field that does not fit: its path inside the request body (outermost name first) and a sentence about it.
pub type FieldProblem = (Vec<String>, String);

/// A rule of the domain was broken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DomainError {
    /// The action is never allowed, whoever asks (rules P1 and P3).
    #[error("{0}")]
    ActionProhibited(Prohibited),
    /// There is no such user (rule P2 among others).
    #[error("There is no such user.")]
    UserNotFound,
    /// Another account has this e-mail address, compared without regard to case (rule R2).
    #[error("Another account already uses this e-mail address.")]
    EmailTaken,
    /// The account is suspended, so its role stays (rule U3).
    #[error("This account is suspended. Resume it before you change its role.")]
    Suspended,
    /// The text is not an e-mail address (rule R2).
    #[error("This is not a valid e-mail address; it should look like name@example.com.")]
    InvalidEmail,
    /// More than 72 bytes in UTF-8, of which bcrypt would silently drop the rest (rule R3).
    #[error("The password is too long: at most 72 bytes are allowed.")]
    PasswordTooLong,
    /// The password does not meet the policy (rule R3).
    #[error("The password cannot be used: {reason}.")]
    InvalidPassword {
        /// What the policy misses, as the second half of a sentence.
        reason: String,
    },
    /// The password does not meet the deployment's own rule, which has its own words for it (rule M27a).
    #[error("{0}")]
    PasswordAgainstRule(String),
    /// A document would become larger than is stored.
    #[error("{document} would be {bytes} bytes long; at most {limit} are stored.")]
    DocumentTooLarge {
        /// Which document: `settings` or `info`.
        document: &'static str,
        /// What it would be.
        bytes: usize,
        /// What it may be.
        limit: usize,
    },
    /// A user's variables do not fit (rule N11); says which and why.
    #[error("{0}")]
    InvalidVariables(String),
    /// A group cannot have this parent (rule M1).
    #[error("{0}")]
    GroupCycle(GroupCycle),
    /// A period would end before it begins (rule N13).
    #[error("start_date must not be after end_date.")]
    InvalidRange,
    /// What is stored is no JSON: nothing may be written over it.
    #[error("The stored value cannot be read, so it was not changed.")]
    Unreadable(#[from] Unreadable),
    /// More would have to be kept of a deleted account than is kept (rule B2).
    #[error(
        "{bytes} bytes would have to be kept of this account, and at most {most} are. Nothing was deleted. It can be \
         deleted for good: with ?purge=true, or with --purge on the command line.",
        most = MOST_KEPT_BYTES
    )]
    TooLargeToKeep {
        /// How many bytes its values have.
        bytes: i64,
    },
    /// A deleted account cannot come back as things are (rule B4). Never empty.
    #[error("The account cannot be restored: {}.", way_back::listed(.0))]
    CannotRestore(Vec<Obstacle>),
    /// One field of the request does not fit.
    #[error("{}", sentence(path, message))]
    Field {
        /// Where the field is in the body, outermost name first; empty for the body as a whole.
        path: Vec<String>,
        /// What is wrong with it.
        message: String,
    },
    /// Several fields of the request do not fit; every one of them is listed. Never empty.
    #[error("{}", join(.0))]
    Fields(Vec<FieldProblem>),
}

/// Which prohibition was met. All of them are the same code on the wire; the sentence differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Prohibited {
    /// P1: nobody but the primary admin changes the primary admin, and nobody deletes it.
    #[error("The primary admin account can only be changed by itself and cannot be deleted.")]
    PrimaryAdminProtected,
    /// P1: the primary admin stays an admin.
    #[error("The primary admin cannot give up the admin role.")]
    PrimaryAdminKeepsRole,
    /// N12: nobody but the primary admin ends the primary admin's sessions.
    #[error("The sessions of the primary admin can only be ended by the primary admin.")]
    PrimaryAdminSessions,
    /// P9: nobody but the primary admin hands over what it is.
    #[error("Only the primary admin can make another account the primary admin.")]
    PrimaryAdminHandsOver,
    /// N7: statuses are switched off.
    #[error("An administrator has switched statuses off.")]
    StatusSwitchedOff,
    /// P3: an account cannot delete itself.
    #[error("You cannot delete your own account.")]
    OwnAccount,
    /// O4: nobody else makes a link to set the password of the primary admin.
    #[error(
        "A link for the password of the primary admin can only be made on the server: rosterd user reset-link."
    )]
    PrimaryAdminLink,
    /// U2: nobody suspends the primary admin.
    #[error("The primary admin account cannot be suspended.")]
    PrimaryAdminNotSuspended,
    /// U2: an account cannot suspend itself.
    #[error("You cannot suspend your own account.")]
    OwnSuspension,
    /// P5: an active admin always remains.
    #[error("This is the last active admin. Make another account an admin, or resume one that is suspended.")]
    LastAdmin,
}

/// Why a group cannot have a parent. All of them are the same code on the wire; the sentence differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum GroupCycle {
    /// The empty text names no group.
    #[error("parent_group_id must be the id of a group, or null for a group without a parent.")]
    Empty,
    /// The group itself.
    #[error("A group cannot be its own parent.")]
    Itself,
    /// A group that is below it already.
    #[error("The parent is below this group. Give the parent another place first.")]
    Descendant,
}

impl DomainError {
    /// A problem with the single top-level field `name`.
    pub(crate) fn field(name: &str, message: impl Into<String>) -> Self {
        Self::Field { path: vec![name.to_owned()], message: message.into() }
    }
}

impl From<Prohibited> for DomainError {
    fn from(prohibited: Prohibited) -> Self {
        Self::ActionProhibited(prohibited)
    }
}

impl From<GroupCycle> for DomainError {
    fn from(cycle: GroupCycle) -> Self {
        Self::GroupCycle(cycle)
    }
}

fn join(problems: &[FieldProblem]) -> String {
    let each: Vec<String> = problems.iter().map(|(path, message)| sentence(path, message)).collect();
    each.join("; ")
}

fn sentence(path: &[String], message: &str) -> String {
    if path.is_empty() { message.to_owned() } else { format!("{}: {message}", path.join(".")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_name_every_field() {
        let error = DomainError::Fields(vec![
            (vec!["chat".into(), "delete".into()], "must be true or false".into()),
            (vec!["features".into()], "is required".into()),
        ]);
        assert_eq!(error.to_string(), "chat.delete: must be true or false; features: is required");
        assert_eq!(DomainError::field("ui", "must be an object").to_string(), "ui: must be an object");
    }

    #[test]
    fn a_prohibition_speaks_for_itself() {
        let error = DomainError::from(Prohibited::OwnAccount);
        assert_eq!(error.to_string(), "You cannot delete your own account.");
    }
}
