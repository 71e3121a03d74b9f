//! Writing a chunk: one transaction, with the events of what it changes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rosterd_domain::group::GroupName;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::rules::import::{Credential, ImportOptions};
use rosterd_domain::rules::primary_admin;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::status::UserStatus;
use rosterd_domain::transfer::Refusal;
use rosterd_domain::user::AccountRow;
use rosterd_storage::{Lock, StoreError, WholeAccount};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::chunk::Chunk;
use super::judge::{ChangedRow, Emptiness, Judged, NewRow, WantedGroup, ensure_first, judge};
use super::passwords::{Hashed, Hashes, hash_all};
use crate::account_lock::lock_accounts;
use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::Event;
use crate::groups::{self, GroupDraft, become_member};
use crate::registration::{default_group, end_set_up, told_of_new};
use crate::stored_config::StoredConfig;
use crate::users::{email_taken, replace_password, write_changes};

/// How often a chunk is tried when the database is not available, and the pause after the first try.
const TRIES: u32 = 6;
const PAUSE: Duration = Duration::from_millis(250);

/// What became of a chunk.
pub(super) enum Written {
    /// It was written, but for the rows that are refused.
    Whole(Vec<Judged>),
    /// It was not, because of this row.
    Nothing(Refusal),
}

/// Why a chunk is not written.
enum Stop {
    Refused(Refusal),
    App(AppError),
}

impl From<AppError> for Stop {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// Writes a chunk. Where nobody knows whether it was written, it is written again, which changes nothing then.
///
/// # Errors
/// Those of the store, after a few tries.
pub(super) async fn write(
    app: &App,
    caller: &Caller,
    chunk: Arc<Chunk>,
    options: ImportOptions,
) -> AppResult<Written> {
    let hashes = Arc::new(hash_all(app, caller, &chunk, options).await?);
    let mut tried = 0;
    loop {
        tried += 1;
        let (rows, hashes) = (Arc::clone(&chunk), Arc::clone(&hashes));
        let work = move |act: &mut Act<'_>| write_rows(act, &rows, &hashes, options);
        match app.write(caller.clone(), work).await {
            Ok(judged) => return Ok(Written::Whole(judged)),
            Err(Stop::Refused(refusal)) => return Ok(Written::Nothing(refusal)),
            Err(Stop::App(AppError::Store(StoreError::Unavailable { .. }))) if tried < TRIES => {
                tokio::time::sleep(PAUSE * tried).await;
            }
            Err(Stop::App(error)) => return Err(error),
        }
    }
}

fn write_rows(
    act: &mut Act<'_>,
    chunk: &Chunk,
    hashes: &Hashes,
    options: ImportOptions,
) -> Result<Vec<Judged>, Stop> {
    lock_accounts(act)?;
    // Neither a group nor a membership may go between the look-up and the insert.
    act.read().lock(Lock::GroupTree)?;
    let config = act.app().stored_config(act.read())?;
    let (judged, emptiness) = judge(act, chunk, options, Emptiness::Unknown)?;
    let mut judged: Vec<Judged> = judged.into_iter().map(|row| with_hash(row, hashes)).collect();
    ensure_first(&mut judged, emptiness);
    if !options.skip_bad
        && let Some(refusal) = judged.iter().find_map(|row| match row {
            Judged::Refused(refusal) => Some(refusal.clone()),
            _ => None,
        })
    {
        return Err(Stop::Refused(refusal));
    }
    let mut joins = Joins::default();
    insert(act, &config, &judged, &mut joins)?;
    for row in &judged {
        if let Judged::Changed(row) = row {
            change(act, row)?;
            joins.add(&row.groups, &row.stored.row.id);
        }
    }
    joins.write(act)?;
    Ok(judged)
}

/// The row with the hash of its password in the password's place.
fn with_hash(row: Judged, hashes: &Hashes) -> Judged {
    let refused = |line, reason: &str| Judged::Refused(Refusal::new(line, reason));
    let of = |line: u64, credential: &Credential| match (credential, hashes.get(&line)) {
        (Credential::Plain(_), Some(Hashed::As(hash))) => Ok(Some(Credential::Hash(hash.clone()))),
        (Credential::Plain(_), Some(Hashed::Same)) => Ok(Some(Credential::None)),
        (Credential::Plain(_), Some(Hashed::Refused(why))) => Err(refused(line, why)),
        (Credential::Plain(_), None) => {
            Err(refused(line, "the account changed while its password was hashed; import the file again"))
        }
        _ => Ok(None),
    };
    match row {
        Judged::New(mut row) => match of(row.line, &row.account.credential) {
            Err(refused) => refused,
            Ok(credential) => {
                if let Some(credential) = credential {
                    row.account.credential = credential;
                }
                Judged::New(row)
            }
        },
        Judged::Changed(mut row) => match of(row.line, &row.update.credential) {
            Err(refused) => refused,
            Ok(credential) => {
                if let Some(credential) = credential {
                    row.update.credential = credential;
                }
                if row.update.differs() || !row.groups.is_empty() {
                    Judged::Changed(row)
                } else {
                    Judged::Unchanged
                }
            }
        },
        other => other,
    }
}

/// Makes the accounts of a chunk. The first of all closes sign-up and ends the set-up token.
fn insert(
    act: &mut Act<'_>,
    config: &StoredConfig,
    judged: &[Judged],
    joins: &mut Joins,
) -> Result<(), Stop> {
    let rows: Vec<&NewRow> = judged
        .iter()
        .filter_map(|row| match row {
            Judged::New(row) => Some(row.as_ref()),
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    let mut primary = match act.read().find_primary_admin()? {
        Some(id) => act.read().find_account(&id)?,
        None => None,
    };
    let first = primary.is_none() && act.read().count_users()? == 0;
    let usual = default_group(act, config)?
        .map(|group| WantedGroup { name: GroupName::from_stored(group.name), id: Some(group.id) });
    let mut accounts = Vec::with_capacity(rows.len());
    for row in rows {
        let account = whole(act, row, primary.as_ref());
        if first && primary.is_none() {
            primary = Some(as_row(&account));
        }
        match (&row.account.groups, &usual) {
            (None, Some(usual)) => joins.add(std::slice::from_ref(usual), &account.id),
            _ => joins.add(&row.groups, &account.id),
        }
        accounts.push(account);
    }
    let mut events = accounts
        .iter()
        .map(|new| Event::UserCreated(new.id.clone(), told_of_new(&new.email, &new.name, &new.role)));
    if let Some(event) = events.next() {
        events.for_each(|event| act.tell(event));
        act.change(event).insert_accounts(&accounts).map_err(email_taken)?;
    }
    if first {
        end_set_up(act, config)?;
    }
    Ok(())
}

/// The account of a row, which comes after the primary admin (rule T4).
fn whole(act: &Act<'_>, row: &NewRow, primary: Option<&AccountRow>) -> WholeAccount {
    let (app, now, new) = (act.app(), act.now(), &row.account);
    let id = new.id.clone().unwrap_or_else(|| UserId::from_stored(Uuid::new_v4().to_string()));
    let wanted = new.rest.created_at;
    let created_at = match primary {
        None => wanted.unwrap_or(now),
        Some(primary) => {
            let wanted = wanted.unwrap_or_else(|| now.max(primary.created_at.saturating_add(1)));
            primary_admin::made_after(app.dialect(), primary, wanted, &new.role, &id)
        }
    };
    let hash = match &new.credential {
        Credential::Hash(hash) => hash.clone(),
        Credential::None | Credential::Plain(_) => PasswordHash::unset(app.settings().bcrypt_cost),
    };
    let stamp = new.rest.session_stamp.as_ref().map(|stamp| stamp.expose_secret().to_owned());
    WholeAccount {
        id,
        email: new.email.clone(),
        name: new.name.clone(),
        role: new.role.clone(),
        profile_image_url: new.profile_image_url.clone(),
        hash,
        // A row with an id of its own is one of an export, which may have had no stamp.
        stamp: stamp.or_else(|| new.id.is_none().then(|| Uuid::new_v4().to_string())),
        created_at,
        rest: new.rest.clone(),
    }
}

/// As much of a new account as decides who comes after it.
fn as_row(new: &WholeAccount) -> AccountRow {
    AccountRow {
        id: new.id.clone(),
        email: new.email.as_str().to_owned(),
        role: new.role.clone(),
        name: new.name.as_str().to_owned(),
        profile_image_url: String::new(),
        bio: None,
        gender: None,
        date_of_birth: None,
        status: UserStatus::default(),
        last_active_at: new.created_at,
        updated_at: new.created_at,
        created_at: new.created_at,
    }
}

fn change(act: &mut Act<'_>, row: &ChangedRow) -> AppResult<()> {
    let stored = &row.stored.row;
    if !row.update.changes.is_empty() {
        write_changes(act, stored, &row.update.changes)?;
    }
    if let Credential::Hash(hash) = &row.update.credential {
        replace_password(act, &stored.id, &stored.email, hash)?;
    }
    Ok(())
}

/// Who is to be in which group: by its id, or by the name of one that is to be made.
#[derive(Default)]
struct Joins(BTreeMap<(Option<GroupId>, String), Vec<UserId>>);

impl Joins {
    fn add(&mut self, groups: &[WantedGroup], user: &UserId) {
        for WantedGroup { name, id } in groups {
            self.0.entry((id.clone(), name.as_str().to_owned())).or_default().push(user.clone());
        }
    }

    /// Makes the groups that do not exist, and the memberships.
    fn write(self, act: &mut Act<'_>) -> AppResult<()> {
        for ((id, name), users) in self.0 {
            let id = match id {
                Some(id) => id,
                None => make_group(act, &name)?,
            };
            become_member(act, &id, &users)?;
        }
        Ok(())
    }
}

/// Makes a group, which belongs to whoever imports, or to the primary admin.
fn make_group(act: &mut Act<'_>, name: &str) -> AppResult<GroupId> {
    let name = GroupName::parse(name)?;
    let owner = match act.actor().id().cloned() {
        Some(me) => Some(me),
        None => act.read().find_primary_admin()?,
    };
    let draft = GroupDraft { name, ..GroupDraft::default() };
    Ok(groups::create(act, draft, owner)?.group.id)
}
