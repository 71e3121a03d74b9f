//! A roster that a file declares: what would change, the change itself, and the way back to a file (docs/DECLARE.md). What is
//! compared with what, and what comes of it, is [`rosterd_domain::roster`].
//!
//! Only the operator does this. Accounts are never made, changed or deleted, so nobody loses a role by it, the primary admin and the
//! last admin least of all (rule D2).

mod accounts;
mod apply;
mod read;

use rosterd_domain::roster::{Plan, Problem, Roster, Wanted, in_order};
use rosterd_storage::StoreError;

use crate::act::Act;
use crate::error::AppError;

pub use apply::apply;

/// Why a roster was not applied. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum RosterError {
    /// Something is wrong with it: everything that is, in the order of the file where its format tells lines.
    #[error("{} problems", .0.len())]
    Problems(Vec<Problem>),
    /// Somebody has changed something since the plan was made (rule D4).
    #[error(
        "what is stored has changed since the plan was made, so nothing was written; run the command again to see what would \
         change now"
    )]
    Changed,
    /// The use case refused, or the database failed.
    #[error(transparent)]
    App(#[from] AppError),
}

impl From<StoreError> for RosterError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// A document, the faults of its form, and how it is meant.
#[derive(Debug, Clone)]
pub struct Order {
    /// What was read.
    pub roster: Roster,
    /// What could not be read: it is told together with what is wrong beside the database.
    pub faults: Vec<Problem>,
    /// How it is meant.
    pub wanted: Wanted,
}

/// What would change. Nothing does.
///
/// # Errors
/// [`RosterError::Problems`] with everything that is wrong (rules D1 to D3, D5 and D7); those of the store.
pub fn plan(act: &mut Act<'_>, order: &Order) -> Result<Plan, RosterError> {
    act.actor().ensure_operator()?;
    let stored = read::stored_for(act, &order.roster)?;
    let accounts = accounts::find(act.read(), order.roster.member_texts())?;
    let (plan, mut problems) = rosterd_domain::roster::plan(&order.roster, &stored, &accounts, order.wanted);
    problems.extend(order.faults.iter().cloned());
    if problems.is_empty() { Ok(plan) } else { Err(RosterError::Problems(in_order(problems))) }
}

/// What is stored, as a document (rule D6).
///
/// # Errors
/// Those of the store.
pub fn dump(act: &mut Act<'_>) -> Result<Roster, AppError> {
    act.actor().ensure_operator()?;
    let stored = read::stored(act)?;
    let members = stored.groups.iter().flat_map(|group| group.members.values());
    let accounts = accounts::find(act.read(), members.map(String::as_str))?;
    Ok(Roster::of(&stored, &accounts))
}
