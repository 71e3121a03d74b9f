//! Deleted accounts that are kept for a while: what a deletion would do, the list of them, restoring and purging (rules B1 to
//! B5). Keeping them is part of the deletion itself (`users::delete`).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::deleted_user::{
    DeletedCursor, DeletedUser, DeletedUserInfo, DeletionForecast, Keepable, RestoredRows,
};
use rosterd_domain::email::EmailLookup;
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::deletion;
use rosterd_domain::rules::way_back::{self, Keep, Obstacle};
use rosterd_domain::user::{AccountRow, UserModel};
use rosterd_storage::{Lock, StoreError};

use crate::account_lock::hold_accounts;
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome};
use crate::suspensions::ensure_another_admin;
use crate::users::{hold_to_delete, new_stamp, whole};

/// Most accounts of one page.
pub const MOST_DELETED: i64 = 100;

/// Accounts that are purged in one transaction, if they do not have more bytes than one account may have.
const PURGED_TOGETHER: i64 = 100;

const NOT_KEPT: AppError = AppError::NotFound("No deleted account with this id is kept.");

/// A page of deleted accounts.
#[derive(Debug)]
pub struct DeletedPage {
    /// The accounts, the last deleted first.
    pub users: Vec<DeletedUserInfo>,
    /// How many there are on all pages.
    pub total: i64,
}

/// An account that came back.
#[derive(Debug)]
pub struct RestoredUser {
    /// The account.
    pub user: UserModel,
    /// What came back with it, and what did not.
    pub rows: RestoredRows,
}

impl App {
    /// For how many seconds deleted accounts are kept; 0: not at all.
    #[must_use]
    pub fn deleted_retention(&self) -> i64 {
        i64::try_from(self.settings().deleted_retention.as_secs()).unwrap_or(i64::MAX)
    }

    /// Whether the database has tables for deleted accounts, and for the job that purges them.
    #[must_use]
    pub fn has_tables_for_deleted(&self) -> bool {
        let layout = self.store().layout();
        layout.deletions && layout.leases
    }
}

/// What is kept of an account that is about to be deleted; `None`: nothing.
///
/// # Errors
/// [`DomainError::TooLargeToKeep`] as [`AppError::Rule`]; those of the store.
pub(crate) fn to_keep(act: &mut Act<'_>, account: &AccountRow, keep: Keep) -> AppResult<Option<DeletedUser>> {
    let app = act.app();
    if !keep.is_wanted(app.deleted_retention(), app.has_tables_for_deleted()) {
        return Ok(None);
    }
    let size = act.read().measure_deletion(&account.id)?;
    way_back::ensure_small_enough(size.bytes)?;
    Ok(Some(DeletedUser {
        id: account.id.clone(),
        name: account.name.clone(),
        email: account.email.clone(),
        role: account.role.clone(),
        created_at: account.created_at,
        deleted_at: act.now(),
        deleted_by: act.actor().id().cloned(),
        rows: size.rows(),
        bytes: size.bytes,
    }))
}

/// What a deletion would do. Changes nothing.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but admins; rules P1 to P3 and P5 as [`AppError::Rule`]; those of the store.
pub fn forecast(act: &mut Act<'_>, id: &UserId) -> AppResult<DeletionForecast> {
    act.actor().ensure_admin()?;
    let found = act.read().find_account(id)?;
    let primary = act.read().find_primary_admin()?;
    let account = deletion::ensure_deletable(act.actor().id(), id, found, primary.as_ref())?;
    ensure_another_admin(act, &account)?;
    let size = act.read().measure_deletion(id)?;
    let not_kept = act.read().count_not_kept(id)?;
    let retention = act.app().deleted_retention();
    let kept = if !act.app().has_tables_for_deleted() {
        Keepable::NoTables
    } else if retention == 0 {
        Keepable::Off
    } else if way_back::ensure_small_enough(size.bytes).is_err() {
        Keepable::TooLarge
    } else {
        Keepable::Yes
    };
    let (removed, cleared) = (size.removed, size.cleared);
    Ok(DeletionForecast { id: id.clone(), removed, cleared, not_kept, bytes: size.bytes, kept, retention })
}

/// A page of the deleted accounts that are kept, the last deleted first. [`MOST_DELETED`] at most.
///
/// # Errors
/// [`AppError::AccessProhibited`] for all but admins; [`AppError::Conflict`] where none can be kept; those of the store.
pub fn list(act: &mut Act<'_>, after: Option<&DeletedCursor>, limit: i64) -> AppResult<DeletedPage> {
    ensure_tables(act)?;
    let users = act.read().list_deleted_users(after, limit.clamp(1, MOST_DELETED))?;
    let total = act.read().count_deleted_users()?;
    let retention = act.app().deleted_retention();
    let users = users.into_iter().map(|user| DeletedUserInfo::of(user, retention)).collect();
    Ok(DeletedPage { users, total })
}

/// The deleted account with this id, or those with this e-mail address, the last deleted first.
///
/// # Errors
/// As [`list`].
pub fn find(act: &mut Act<'_>, id_or_email: &str) -> AppResult<Vec<DeletedUserInfo>> {
    ensure_tables(act)?;
    let retention = act.app().deleted_retention();
    let by_id = match UserId::parse(id_or_email) {
        Ok(id) => act.read().find_deleted_user(&id)?,
        Err(_no_id) => None,
    };
    let mut found: Vec<DeletedUser> = by_id.into_iter().collect();
    if found.is_empty() {
        for id in act.read().list_deleted_ids_by_email(&EmailLookup::new(id_or_email))? {
            found.extend(act.read().find_deleted_user(&id)?);
        }
    }
    Ok(found.into_iter().map(|user| DeletedUserInfo::of(user, retention)).collect())
}

/// Puts a deleted account back with all that was kept of it, and a new session stamp (rule B3).
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`]; [`DomainError::CannotRestore`] as [`AppError::Rule`] (rule B4).
pub fn restore(act: &mut Act<'_>, id: &UserId) -> AppResult<RestoredUser> {
    ensure_tables(act)?;
    let held = hold_to_delete(act)?;
    let deleted = act.read().find_deleted_user(id)?.ok_or(NOT_KEPT)?;
    let owner = act.read().find_user_id_by_email(&EmailLookup::new(&deleted.email))?;
    // The account itself, if it is there, is an obstacle of its own.
    let owner = owner.filter(|owner| owner != id).map(Obstacle::EmailTaken);
    let mut obstacles: Vec<Obstacle> = owner.into_iter().collect();
    obstacles.extend(act.read().find_obstacles(id)?);
    way_back::ensure_free(obstacles)?;
    let now = act.now();
    let rows = act
        .change_and_tell(|tx| {
            let rows = tx.restore_deleted_user(id, now)?;
            let event = Event::UserRestored(id.clone(), Box::new(rows.clone()));
            Ok((rows, Outcome::Changed(event)))
        })
        .map_err(value_taken)?;
    let primary = act.read().find_primary_admin()?;
    way_back::ensure_same_primary(held.primary.as_ref(), primary.as_ref())?;
    // Sessions that were opened before the deletion stay over.
    let new = new_stamp(act, id)?;
    act.change_and_tell(|tx| Ok((tx.replace_stamp(id, &new)?, Outcome::ToldApart)))?;
    Ok(RestoredUser { user: whole(act, id)?, rows })
}

/// Ids and the e-mail address were looked for; what else must be unique only the database knows.
fn value_taken(error: StoreError) -> AppError {
    match error {
        StoreError::AlreadyExists { .. } => DomainError::CannotRestore(vec![Obstacle::ValueTaken]).into(),
        other => other.into(),
    }
}

/// Removes what is kept of a deleted account.
///
/// # Errors
/// As [`list`]; [`AppError::NotFound`].
pub fn purge(act: &mut Act<'_>, id: &UserId) -> AppResult<DeletedUserInfo> {
    ensure_tables(act)?;
    hold_accounts(act)?;
    let deleted = act.read().find_deleted_user(id)?.ok_or(NOT_KEPT)?;
    act.change(Event::UserPurged(id.clone(), Some(deleted.name.clone()))).forget_deleted_user(id)?;
    Ok(DeletedUserInfo::of(deleted, act.app().deleted_retention()))
}

/// The same for somebody who is erased: their name is told to nobody. Gives whether anything was kept.
pub(crate) fn purge_erased(act: &mut Act<'_>, id: &UserId) -> AppResult<bool> {
    if !act.app().store().layout().deletions {
        return Ok(false);
    }
    act.read().lock(Lock::Accounts)?;
    if act.read().find_deleted_user(id)?.is_none() {
        return Ok(false);
    }
    Ok(act.change(Event::UserPurged(id.clone(), None)).forget_deleted_user(id)?)
}

/// Purges the accounts whose time is over (rule B5); gives how many that were.
///
/// # Errors
/// Those of the store; what was purged stays so.
pub async fn purge_old(app: &App, job: &'static str) -> AppResult<usize> {
    if !app.has_tables_for_deleted() {
        return Ok(0);
    }
    let until = way_back::kept_since(app.now(), app.deleted_retention());
    let mut purged = 0;
    loop {
        let batch = app.write(Caller::job(job), move |act| purge_until(act, until)).await?;
        purged += batch;
        if batch == 0 {
            return Ok(purged);
        }
    }
}

/// Purges some of the accounts that were deleted at this second or before: as many bytes as one account may have, but at least
/// one account.
fn purge_until(act: &mut Act<'_>, until: UnixSeconds) -> AppResult<usize> {
    act.read().lock(Lock::Accounts)?;
    let (mut purged, mut bytes) = (0, 0_i64);
    for deleted in act.read().list_deleted_until(until, PURGED_TOGETHER)? {
        bytes = bytes.saturating_add(deleted.bytes);
        if purged > 0 && bytes > way_back::MOST_KEPT_BYTES {
            break;
        }
        act.change(Event::UserPurged(deleted.id.clone(), Some(deleted.name)))
            .forget_deleted_user(&deleted.id)?;
        purged += 1;
    }
    Ok(purged)
}

/// Lets go on admins, where deleted accounts can be kept.
fn ensure_tables(act: &Act<'_>) -> AppResult<()> {
    act.actor().ensure_admin()?;
    if act.app().has_tables_for_deleted() {
        return Ok(());
    }
    Err(AppError::Conflict(
        "This database has no tables for deleted accounts. `rosterd adopt --apply` adds them; then restart rosterd.",
    ))
}
