//! One thing done to many accounts (rule R7), each by the use case that does it to one.
//!
//! Accounts are worked on in chunks, and a chunk is a transaction. What a rule refuses is refused before anything of that account
//! is written, so the others of the chunk go on. Where the database fails, nothing of the chunk was written: its accounts are
//! tried again one by one, so that one odd row holds up nobody else.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::list::{Cursor, ListQuery, Window};
use rosterd_domain::role::Role;
use rosterd_domain::rules::many::{MOST, in_order};
use rosterd_domain::rules::suspension::SuspensionTerms;
use rosterd_domain::rules::way_back::Keep;
use rosterd_storage::{ListedSizes, StoreError};

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::{groups, open_sessions, suspensions, users};

/// Most accounts of a transaction.
const CHUNK: usize = 100;

/// After so long a chunk ends early: on SQLite every other write waits for it.
const CHUNK_TIME: Duration = Duration::from_millis(250);

/// Only ids, and what cursors are made of, are needed of whom a query finds.
const NARROW: ListedSizes = ListedSizes { image: Some(0), document: Some(0) };

/// What is done to each of the accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Gives it this role, as [`users::set_role`] does.
    SetRole(Role),
    /// Makes it a member of this group, as [`groups::add_members`] does.
    AddToGroup(GroupId),
    /// Ends its membership, as [`groups::remove_members`] does.
    RemoveFromGroup(GroupId),
    /// Ends its sessions, as [`open_sessions::end_all_of`] does.
    Revoke,
    /// Suspends it, as [`suspensions::suspend`] does.
    Suspend(SuspensionTerms),
    /// Lets it in again, as [`suspensions::resume`] does.
    Resume,
    /// Deletes it, as [`users::delete`] does, and keeps so much of it.
    Delete(Keep),
}

/// Which accounts.
#[derive(Debug)]
pub enum Chosen {
    /// These, [`MOST`] at most.
    Ids(Vec<UserId>),
    /// The first [`MOST`] whom this query finds. Its window says after whom they begin, and not how many they are.
    Query(Box<ListQuery>),
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// How many accounts were chosen: different ids, or all whom the query finds.
    pub matched: i64,
    /// Where the accounts after these begin; `None` where these are all.
    pub next_cursor: Option<String>,
    /// What came of each account that was reached, in the order in which they were chosen.
    pub results: Vec<(UserId, AppResult<()>)>,
    /// Those that were not reached, and why.
    pub unreached: Option<(Vec<UserId>, AppError)>,
}

/// Does the same to many accounts. For admins.
///
/// # Errors
/// Those of the first chunk that are about all accounts alike, before anything was written: [`AppError::GroupNotFound`],
/// [`AppError::NotFound`] where sessions cannot be ended for a whole account, [`AppError::Conflict`] where suspensions are not
/// kept, rule U1 for the terms of one, a caller who may not, a database out of reach.
pub async fn change(app: &App, caller: Caller, chosen: Chosen, action: Action) -> AppResult<Outcome> {
    let Found { ids, matched, next_cursor } = match chosen {
        Chosen::Ids(ids) => Found::named(ids),
        Chosen::Query(query) => app.scan(caller.clone(), move |act| find(act, *query)).await?,
    };
    let actor = app.read(caller.clone(), |act| Ok::<_, AppError>(act.actor().id().cloned())).await?;
    let mut work = Work { left: in_order(&ids, actor.as_ref()), done: HashMap::new(), alone: 0 };
    let stopped = work.run(app, &caller, Arc::new(action)).await?;
    let Work { mut done, .. } = work;
    let mut unreached = Vec::new();
    let mut results = Vec::with_capacity(done.len());
    for id in ids {
        match done.remove(&id) {
            Some(result) => results.push((id, result)),
            None => unreached.push(id),
        }
    }
    Ok(Outcome { matched, next_cursor, results, unreached: stopped.map(|error| (unreached, error)) })
}

/// The accounts that were chosen, each once.
struct Found {
    ids: Vec<UserId>,
    matched: i64,
    next_cursor: Option<String>,
}

impl Found {
    fn named(ids: Vec<UserId>) -> Self {
        let mut seen = std::collections::HashSet::new();
        let ids: Vec<UserId> = ids.into_iter().filter(|id| seen.insert(id.clone())).collect();
        Self { matched: i64::try_from(ids.len()).unwrap_or(i64::MAX), ids, next_cursor: None }
    }
}

/// Whom a query finds: one more than are worked on shows whether there are more.
fn find(act: &mut Act<'_>, query: ListQuery) -> AppResult<Found> {
    act.actor().ensure_admin()?;
    let wanted = i64::try_from(MOST).unwrap_or(i64::MAX).saturating_add(1);
    let window = match query.window {
        Window::Offset { .. } => Window::Offset { offset: 0, limit: wanted },
        Window::After { cursor, .. } => Window::After { cursor, limit: wanted },
    };
    let query = ListQuery { window, ..query };
    let mut rows = act.read().list_users(&query, NARROW)?;
    let matched = act.read().count_listed(&query)?;
    let more = rows.len() > MOST;
    rows.truncate(MOST);
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|last| Cursor::of_user(last, &query.order, false).encode());
    Ok(Found { ids: rows.into_iter().map(|row| row.id).collect(), matched, next_cursor })
}

/// The work on the way.
struct Work {
    /// Whom it has still to reach.
    left: Vec<UserId>,
    done: HashMap<UserId, AppResult<()>>,
    /// How many of those that are left come one by one.
    alone: usize,
}

impl Work {
    /// Works on all of them; gives what stopped it before the end.
    ///
    /// # Errors
    /// What stopped it at the very beginning.
    async fn run(&mut self, app: &App, caller: &Caller, action: Arc<Action>) -> AppResult<Option<AppError>> {
        loop {
            let size = if self.alone > 0 { 1 } else { CHUNK.min(self.left.len()) };
            let chunk = self.left[..size].to_vec();
            let action = Arc::clone(&action);
            let ran = app.write(caller.clone(), move |act| do_chunk(act, &action, &chunk)).await;
            match ran {
                Ok(results) => self.note(results),
                Err(error) => match Failed::of(&error, size) {
                    Failed::One => self.note(vec![Err(error)]),
                    Failed::Chunk => self.alone = size,
                    Failed::All if self.done.is_empty() => return Err(error),
                    Failed::All => return Ok(Some(error)),
                },
            }
            if self.left.is_empty() {
                return Ok(None);
            }
        }
    }

    fn note(&mut self, results: Vec<AppResult<()>>) {
        let reached = results.len().min(self.left.len());
        self.done.extend(self.left.drain(..reached).zip(results));
        self.alone = self.alone.saturating_sub(reached);
    }
}

/// What a transaction that failed says about the accounts.
#[derive(Debug, PartialEq, Eq)]
enum Failed {
    /// The one account of it cannot be changed.
    One,
    /// One of its accounts may be why: they come one by one.
    Chunk,
    /// Nothing more can be done.
    All,
}

impl Failed {
    fn of(error: &AppError, size: usize) -> Self {
        match error {
            AppError::Store(_) | AppError::DeleteUser(_) if size > 1 => Self::Chunk,
            AppError::Store(StoreError::Unavailable { .. }) => Self::All,
            AppError::Store(_) | AppError::DeleteUser(_) if size == 1 => Self::One,
            _ => Self::All,
        }
    }
}

/// What is done to one account, while that is held which all of a chunk need.
type One<'a> = Box<dyn FnMut(&mut Act<'_>, &UserId) -> AppResult<()> + 'a>;

/// Works on the accounts of a chunk, one after the other, until its time is over; gives what came of each that was reached, at
/// least one.
fn do_chunk(act: &mut Act<'_>, action: &Action, ids: &[UserId]) -> AppResult<Vec<AppResult<()>>> {
    let until = Instant::now() + CHUNK_TIME;
    let mut one: One<'_> = match action {
        Action::SetRole(role) => {
            let held = crate::account_lock::hold_accounts(act)?;
            Box::new(move |act, id| users::give_role(act, &held, id, role))
        }
        Action::AddToGroup(group) => {
            groups::hold_members(act, group)?;
            Box::new(move |act, id| groups::add_one_held(act, group, id))
        }
        Action::RemoveFromGroup(group) => {
            groups::hold_members(act, group)?;
            Box::new(move |act, id| groups::remove_one_held(act, group, id))
        }
        Action::Revoke => {
            let held = open_sessions::hold_to_end_all(act)?;
            Box::new(move |act, id| open_sessions::end_all_held(act, &held, id).map(drop))
        }
        Action::Suspend(terms) => {
            let held = suspensions::hold_to_suspend(act)?;
            let terms = terms.clone().judge(act.now())?;
            Box::new(move |act, id| suspensions::suspend_held(act, &held, id, &terms))
        }
        Action::Resume => {
            suspensions::hold_to_suspend(act)?;
            Box::new(suspensions::resume_held)
        }
        Action::Delete(keep) => {
            let held = users::hold_to_delete(act)?;
            Box::new(move |act, id| users::delete_held(act, &held, id, *keep))
        }
    };
    let mut results = Vec::with_capacity(ids.len());
    for id in ids {
        match one(act, id) {
            // Something may have been written already: it goes with the chunk.
            Err(error @ (AppError::Store(_) | AppError::DeleteUser(_))) => return Err(error),
            result => results.push(result),
        }
        if Instant::now() >= until {
            break;
        }
    }
    Ok(results)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unavailable() -> StoreError {
        StoreError::Unavailable { reason: "away".into() }
    }

    #[test]
    fn r7_a_failure_is_about_one_account_a_chunk_or_all() {
        for (error, of_chunk, of_one) in [
            (AppError::Store(unavailable()), Failed::Chunk, Failed::All),
            (AppError::Store(StoreError::Worker), Failed::Chunk, Failed::One),
            (AppError::DeleteUser(StoreError::Worker), Failed::Chunk, Failed::One),
            (AppError::InvalidToken, Failed::All, Failed::All),
            (AppError::GroupNotFound, Failed::All, Failed::All),
        ] {
            assert_eq!((Failed::of(&error, 100), Failed::of(&error, 1)), (of_chunk, of_one), "{error:?}");
        }
        assert_eq!(Failed::of(&AppError::Store(StoreError::Worker), 0), Failed::All, "nobody was chosen");
    }

    #[test]
    fn r7_a_chunk_that_failed_is_tried_one_by_one() {
        let id = |number: usize| UserId::from_stored(format!("{number:03}"));
        let mut work = Work { left: (0..5).map(id).collect(), done: HashMap::new(), alone: 3 };
        work.note(vec![Ok(())]);
        assert_eq!((work.left.len(), work.alone), (4, 2));
        work.note(vec![Err(AppError::GroupNotFound), Ok(())]);
        assert_eq!((work.left, work.alone, work.done.len()), (vec![id(3), id(4)], 0, 3));
    }
}
