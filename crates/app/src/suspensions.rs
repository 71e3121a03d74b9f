//! Suspending accounts, and letting them in again (rules U1 to U5).
//!
//! A suspended account has the role `pending` and is not active, in the rows that Open WebUI reads too: so it is shut out there
//! as well. What it was before is kept in a table of its own.
//!
//! What ends a suspension is one function (`end`, [`end_all_over`], [`resume`]), so that role, table and lists never
//! contradict each other. A job calls it for all of them, because Open WebUI knows nothing of an end. A sign-in calls it for its
//! own account, which need not wait for the job.

use rosterd_domain::ids::UserId;
use rosterd_domain::role::Role;
use rosterd_domain::rules::suspension::{
    SuspensionTerms, ensure_admin_remains, ensure_may_suspend, ensure_role_stays, is_over, role_back,
    suspended,
};
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::suspension::{Suspension, SuspensionRow};
use rosterd_domain::user::{AccountRow, UserChanges, UserModel};
use rosterd_storage::{Lock, StoreError};
use uuid::Uuid;

use crate::account_lock::{Held, hold_accounts};
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::open_sessions::end_everything;
use crate::users::whole;

/// The name of the job that ends suspensions.
pub(crate) const JOB: &str = "suspensions";

/// Suspensions that the job ends in one transaction.
const CHUNK: i64 = 100;

/// Suspends an account: its sessions end, and nobody can sign in to it or use its API keys until it is resumed, or until its
/// time is over. If it is suspended already, reason and end become these. For admins.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown id; rules P5, U1 and U2 as [`AppError::Rule`]; [`AppError::Conflict`] where suspensions
/// are not kept; those of the store.
pub fn suspend(act: &mut Act<'_>, id: &UserId, terms: SuspensionTerms) -> AppResult<UserModel> {
    let held = hold_to_suspend(act)?;
    let terms = terms.judge(act.now())?;
    suspend_held(act, &held, id, &terms)?;
    whole(act, id)
}

/// Lets a suspended account in again, with the role that it had, or that it was given elsewhere meanwhile. One that is not
/// suspended, but was shut out in another way, such as by the file that it came from, is let in too. For admins.
///
/// # Errors
/// [`AppError::NotFound`] for an unknown id; [`AppError::Conflict`] where suspensions are not kept; those of the store.
pub fn resume(act: &mut Act<'_>, id: &UserId) -> AppResult<UserModel> {
    hold_to_suspend(act)?;
    resume_held(act, id)?;
    whole(act, id)
}

/// Holds what suspending and resuming need.
pub(crate) fn hold_to_suspend(act: &mut Act<'_>) -> AppResult<Held> {
    act.actor().ensure_admin()?;
    if !act.app().store().layout().suspensions {
        return Err(AppError::Conflict(
            "This database has no table for suspensions. `rosterd adopt --apply` adds it; start the server again afterwards.",
        ));
    }
    hold_accounts(act)
}

/// [`suspend`] on judged terms, while that is held.
pub(crate) fn suspend_held(
    act: &mut Act<'_>,
    held: &Held,
    id: &UserId,
    terms: &SuspensionTerms,
) -> AppResult<()> {
    let account = lock(act, id)?;
    ensure_may_suspend(held.actor.as_ref(), id, held.primary.as_ref())?;
    let stored = act.read().find_suspension(id)?;
    if stored.is_none() {
        ensure_another_admin(act, &account)?;
    }
    let sign_in = act.read().find_sign_in_of(id)?;
    // One without a row could not be switched off.
    let is_active = sign_in.as_ref().is_none_or(|row| row.active);
    let row = suspended(stored.as_ref(), terms.clone(), (&account.role, is_active), act.now());
    let is_shut_out = account.role == Role::Pending && sign_in.as_ref().is_some_and(|row| !row.active);
    if is_shut_out && stored.as_ref() == Some(&row) {
        return Ok(());
    }
    let now = act.now();
    let told = told_of(stored.as_ref().map(|row| &row.shown), Some(&row.shown));
    let told = told.of("role", account.role.as_str(), Role::Pending.as_str());
    let is_of_connection = act.actor().connection().is_ok();
    let tx = act.change(Event::UserSuspended(id.clone(), told));
    tx.put_suspension(id, &row)?;
    if !is_of_connection {
        // It is not for a connection to end any more (rule J5).
        tx.forget_wanted_suspensions(id)?;
    }
    tx.delete_links(id)?;
    if account.role != Role::Pending {
        tx.update_user(id, &role(&Role::Pending), now)?;
    }
    if !tx.set_active(id, false)? {
        insert_inactive(act, &account)?;
    }
    end_everything(act, id)?;
    Ok(())
}

/// [`resume`] while that is held.
pub(crate) fn resume_held(act: &mut Act<'_>, id: &UserId) -> AppResult<()> {
    let account = lock(act, id)?;
    let stored = act.read().find_suspension(id)?;
    let is_active = act.read().find_sign_in_of(id)?.is_none_or(|row| row.active);
    match stored {
        Some(row) => let_in(act, &account, &row, true),
        None if is_active => Ok(()),
        None => {
            let told = Changes::default().of("active", false, true);
            act.change(Event::UserResumed(id.clone(), told)).set_active(id, true)?;
            Ok(())
        }
    }
}

/// Ends the suspension of an account while it is held, as a connection does; gives whether it can be used now. One that could not be
/// used before cannot now.
pub(crate) fn end_held(act: &mut Act<'_>, id: &UserId) -> AppResult<bool> {
    let account = lock(act, id)?;
    let Some(row) = act.read().find_suspension(id)? else { return Ok(true) };
    let_in(act, &account, &row, row.was_active)?;
    Ok(row.was_active)
}

/// Whether an account may get this role, and may lose the one that it has (rules P5 and U3). `None`: it keeps it.
pub(crate) fn ensure_role_may_change(
    act: &mut Act<'_>,
    account: &AccountRow,
    role: Option<&Role>,
) -> AppResult<()> {
    let Some(role) = role.filter(|role| **role != account.role) else { return Ok(()) };
    let is_suspended = act.read().find_suspension(&account.id)?.is_some();
    ensure_role_stays(&account.role, Some(role), is_suspended)?;
    ensure_another_admin(act, account)
}

/// Whether an account may cease to be an active admin (rule P5).
pub(crate) fn ensure_another_admin(act: &mut Act<'_>, account: &AccountRow) -> AppResult<()> {
    let others = || Ok::<_, AppError>(act.read().has_admin_beside(std::slice::from_ref(&account.id))?);
    ensure_admin_remains(&account.role, others)
}

/// Whether the account is suspended, and the time of that is over (rule U4).
pub(crate) fn has_ended(act: &mut Act<'_>, id: &UserId) -> AppResult<bool> {
    if !act.app().store().layout().suspensions {
        return Ok(false);
    }
    let found = act.read().find_suspension(id)?;
    Ok(found.is_some_and(|row| is_over(&row.shown, act.now())))
}

/// Ends the suspension of this account if its time is over; gives whether it was. As the job does.
pub(crate) async fn end_if_over(app: &App, id: &UserId) -> AppResult<bool> {
    let account = id.clone();
    if !app.read(Caller::job(JOB), move |act| has_ended(act, &account)).await? {
        return Ok(false);
    }
    end(app, id).await
}

/// Ends the suspension of an account that [has ended](has_ended); gives whether it was. That is judged again under the lock.
pub(crate) async fn end(app: &App, id: &UserId) -> AppResult<bool> {
    let id = id.clone();
    app.write(Caller::job(JOB), move |act| end_one(act, &id)).await
}

/// Ends the suspensions whose time is over, and forgets those of accounts that another program has deleted; gives how many that
/// were.
///
/// # Errors
/// Those of the store. What was ended before stays so.
pub async fn end_all_over(app: &App) -> AppResult<usize> {
    let mut ended = 0;
    loop {
        let now = app.now();
        let over = move |act: &mut Act<'_>| Ok::<_, AppError>(act.read().list_ended_suspensions(now, CHUNK)?);
        // A replica may lag: it would name again what has just been ended.
        let ids = app.snapshot(Caller::job(JOB), over).await?;
        if ids.is_empty() {
            return Ok(ended);
        }
        let of_chunk = app
            .write(Caller::job(JOB), move |act| {
                let mut ended = 0;
                for id in &ids {
                    ended += usize::from(end_one(act, id)?);
                }
                Ok::<_, AppError>(ended)
            })
            .await?;
        if of_chunk == 0 {
            // What was found is not what it was read as, such as an id that is no UTF-8.
            return Ok(ended);
        }
        ended += of_chunk;
    }
}

/// Ends one suspension if its time is over, or its account is gone. The account is again what it was: one that could not sign
/// in before cannot now.
fn end_one(act: &mut Act<'_>, id: &UserId) -> AppResult<bool> {
    act.read().lock(Lock::Accounts)?;
    let account = act.read().lock_account(id)?;
    let Some(row) = act.read().find_suspension(id)? else { return Ok(false) };
    let Some(account) = account else { return Ok(act.housekeeping().forget_suspension(id)?) };
    if !is_over(&row.shown, act.now()) {
        return Ok(false);
    }
    let_in(act, &account, &row, row.was_active)?;
    Ok(true)
}

/// Takes a suspension off an account.
fn let_in(act: &mut Act<'_>, account: &AccountRow, row: &SuspensionRow, active: bool) -> AppResult<()> {
    let (id, now) = (&account.id, act.now());
    let back = role_back(&account.role, &row.shown);
    let told = told_of(Some(&row.shown), None);
    let told = told.of("role", account.role.as_str(), back.unwrap_or(&account.role).as_str());
    let tx = act.change(Event::UserResumed(id.clone(), told));
    if let Some(back) = back {
        tx.update_user(id, &role(back), now)?;
    }
    tx.set_active(id, active)?;
    tx.delete_suspension(id)?;
    Ok(())
}

/// The row of the account, locked.
fn lock(act: &mut Act<'_>, id: &UserId) -> AppResult<AccountRow> {
    act.read().lock_account(id)?.ok_or(AppError::NotFound("There is no such user."))
}

/// A change of the role alone.
fn role(role: &Role) -> UserChanges {
    UserChanges { role: Some(role.clone()), ..UserChanges::default() }
}

/// Gives an account the row that says that it is not active. Another program may have lost it: without the row nobody can sign
/// in, but API keys are not refused.
fn insert_inactive(act: &mut Act<'_>, account: &AccountRow) -> AppResult<()> {
    let hash = PasswordHash::unset(act.app().settings().bcrypt_cost);
    let stamp = Uuid::new_v4().to_string();
    // Told with the suspension.
    let outcome = crate::event::Outcome::ToldApart;
    act.change_and_tell(|tx| {
        tx.insert_auth(&account.id, &account.email, &hash, Some(&stamp))?;
        tx.set_active(&account.id, false)?;
        Ok(((), outcome))
    })
    .map_err(|error| match error {
        StoreError::AlreadyExists { .. } => AppError::Conflict(
            "The e-mail address of this account belongs to another one in the table auth, so it cannot be suspended.",
        ),
        other => other.into(),
    })
}

/// What of a suspension is told: reason and end.
fn told_of(before: Option<&Suspension>, after: Option<&Suspension>) -> Changes {
    let reason = |of: Option<&Suspension>| of.and_then(|it| it.reason.clone());
    let until = |of: Option<&Suspension>| of.and_then(|it| it.until);
    Changes::default().of("reason", reason(before), reason(after)).of("until", until(before), until(after))
}
