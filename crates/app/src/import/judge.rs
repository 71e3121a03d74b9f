//! What becomes of each row of a chunk, beside the database as it is.

use std::collections::{HashMap, HashSet};

use rosterd_domain::email::EmailLookup;
use rosterd_domain::group::GroupName;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::rules::import::{
    AccountUpdate, ImportOptions, ImportTerms, ImportedAccount, Importer, KnownAccount, email_of,
    judge_known, judge_new,
};
use rosterd_domain::transfer::{AccountRecord, Refusal};
use rosterd_storage::Ownership;

use super::chunk::Chunk;
use crate::act::Act;
use crate::error::AppResult;

/// Told of a first account that is no admin (rule T4).
const FIRST: &str = "the database has no account yet, and the first one stays its primary admin: it has to be an active admin, \
                     which has to be allowed (--allow-admins)";

/// Whether there is any account, which decides who is the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Emptiness {
    /// To be asked.
    Unknown,
    /// There is none, neither stored nor before in the file.
    Empty,
    /// There is one.
    Peopled,
}

/// What becomes of a row.
#[derive(Debug)]
pub(super) enum Judged {
    /// It makes an account.
    New(Box<NewRow>),
    /// It changes one.
    Changed(Box<ChangedRow>),
    /// All is as it says.
    Unchanged,
    /// It is not taken.
    Refused(Refusal),
}

/// A row that makes an account.
#[derive(Debug)]
pub(super) struct NewRow {
    pub(super) line: u64,
    pub(super) account: ImportedAccount,
    pub(super) groups: Vec<WantedGroup>,
}

/// A row that changes an account.
#[derive(Debug)]
pub(super) struct ChangedRow {
    pub(super) line: u64,
    pub(super) stored: KnownAccount,
    pub(super) update: AccountUpdate,
    /// Those that the account is not in.
    pub(super) groups: Vec<WantedGroup>,
}

/// A group that an account is to be in.
#[derive(Debug, Clone)]
pub(super) struct WantedGroup {
    pub(super) name: GroupName,
    /// `None`: it is to be made.
    pub(super) id: Option<GroupId>,
}

impl Judged {
    /// The names of the groups that are made for it.
    pub(super) fn new_groups(&self) -> impl Iterator<Item = &str> {
        let groups = match self {
            Self::New(row) => row.groups.as_slice(),
            Self::Changed(row) => row.groups.as_slice(),
            Self::Unchanged | Self::Refused(_) => &[],
        };
        groups.iter().filter(|group| group.id.is_none()).map(|group| group.name.as_str())
    }
}

/// What the rows of a chunk are judged by, read in a few statements for all.
struct Facts {
    known: Vec<Option<KnownAccount>>,
    primary: Option<UserId>,
    /// The ids of the file that accounts have.
    taken_ids: HashSet<UserId>,
    /// The groups that the file names; `None` for one that does not exist.
    groups: HashMap<String, Option<GroupId>>,
    memberships: HashSet<(UserId, GroupId)>,
}

impl Facts {
    fn read(act: &mut Act<'_>, records: &[AccountRecord]) -> AppResult<Self> {
        let emails: Vec<EmailLookup> = records
            .iter()
            .map(|record| EmailLookup::new(record.email.as_deref().unwrap_or_default()))
            .collect();
        let db = act.read();
        let known = db.find_accounts_by_email(&emails)?;
        // What is no id is refused with its row.
        let ids: Vec<UserId> =
            records.iter().filter_map(|it| UserId::parse(it.rest.id.as_deref()?).ok()).collect();
        let taken_ids = if ids.is_empty() { Vec::new() } else { db.list_present_ids(&ids)? };
        let names: HashSet<&str> = records
            .iter()
            .flat_map(|record| record.groups.iter().flatten())
            .map(|name| name.trim())
            .filter(|name| !name.is_empty() && !name.contains('\0'))
            .collect();
        let names: Vec<&str> = names.into_iter().collect();
        let found = if names.is_empty() { Vec::new() } else { db.find_groups_by_name(&names)? };
        let groups = names.into_iter().map(str::to_owned).zip(found).collect();
        let of_groups = known.iter().zip(records).filter(|(_, record)| record.groups.is_some());
        let members: Vec<&UserId> =
            of_groups.filter_map(|(known, _)| known.as_ref()).map(|known| &known.row.id).collect();
        let groups_of = if members.is_empty() { Vec::new() } else { db.list_group_ids_of(&members)? };
        let memberships = members
            .iter()
            .zip(groups_of)
            .flat_map(|(member, groups)| groups.into_iter().map(|group| ((*member).clone(), group)))
            .collect();
        Ok(Self {
            known,
            primary: db.find_primary_admin()?,
            taken_ids: taken_ids.into_iter().collect(),
            groups,
            memberships,
        })
    }

    /// These groups with their ids, without those that a member is in already.
    fn wanted(
        &self,
        names: Vec<GroupName>,
        member: Option<&UserId>,
        options: ImportOptions,
    ) -> Result<Vec<WantedGroup>, String> {
        let mut wanted = Vec::new();
        for name in names {
            let id = self.groups.get(name.as_str()).cloned().flatten();
            match (&id, member) {
                (None, _) if !options.create_groups => {
                    return Err(format!(
                        "there is no group {:?}. Make it first, or let it be made (--create-groups, create_groups=true)",
                        name.as_str()
                    ));
                }
                (Some(id), Some(member)) if self.memberships.contains(&(member.clone(), id.clone())) => {}
                _ => wanted.push(WantedGroup { name, id }),
            }
        }
        Ok(wanted)
    }
}

/// Judges the rows of a chunk, and says whether there is any account before them.
///
/// # Errors
/// [`AppError::AccessProhibited`](crate::AppError::AccessProhibited) for others than admins and the server's own; those of the
/// store.
pub(super) fn judge(
    act: &mut Act<'_>,
    chunk: &Chunk,
    options: ImportOptions,
    emptiness: Emptiness,
) -> AppResult<(Vec<Judged>, Emptiness)> {
    act.actor().ensure_admin()?;
    let emptiness = match emptiness {
        Emptiness::Unknown if act.read().count_users()? == 0 => Emptiness::Empty,
        Emptiness::Unknown => Emptiness::Peopled,
        known => known,
    };
    let mut facts = Facts::read(act, &chunk.records)?;
    let (app, me) = (act.app(), act.actor().id().cloned());
    let layout = app.store().layout();
    let terms = ImportTerms {
        options,
        importer: me.as_ref().map_or(Importer::Operator, Importer::Admin),
        attached: (layout.ownership == Ownership::Attached).then_some(layout.dialect),
        policy: &app.settings().password_policy,
    };
    let mut judged = Vec::with_capacity(chunk.records.len());
    let mut demoted: Vec<UserId> = Vec::new();
    let known = std::mem::take(&mut facts.known);
    for (record, known) in chunk.records.iter().zip(known) {
        let row = match known {
            None => judge_new_row(record, &facts, &terms),
            Some(known) => judge_known_row(record, known, &facts, &terms),
        };
        let row = match row {
            Ok(Judged::Changed(row)) if is_demotion(&row) => {
                demoted.push(row.stored.row.id.clone());
                if act.read().has_admin_beside(&demoted)? {
                    Judged::Changed(row)
                } else {
                    demoted.pop();
                    Judged::Refused(Refusal::new(record.line, "no active admin would be left"))
                }
            }
            Ok(row) => row,
            Err(reason) => Judged::Refused(Refusal::new(record.line, reason)),
        };
        judged.push(row);
    }
    Ok((judged, emptiness))
}

/// Refuses what cannot be the first account of all (rule T4), and says whether there is any account after these rows. Only when
/// nothing else refuses a row any more: one that is refused makes no account.
pub(super) fn ensure_first(judged: &mut [Judged], emptiness: Emptiness) -> Emptiness {
    if emptiness != Emptiness::Empty {
        return emptiness;
    }
    for row in judged {
        let Judged::New(new) = row else { continue };
        if new.account.role.is_admin() && new.account.rest.active != Some(false) {
            return Emptiness::Peopled;
        }
        *row = Judged::Refused(Refusal::new(new.line, FIRST));
    }
    emptiness
}

fn is_demotion(row: &ChangedRow) -> bool {
    row.stored.row.role.is_admin() && row.update.changes.role.is_some()
}

fn judge_new_row(record: &AccountRecord, facts: &Facts, terms: &ImportTerms<'_>) -> Result<Judged, String> {
    let account = judge_new(record, terms)?;
    if account.id.as_ref().is_some_and(|id| facts.taken_ids.contains(id)) {
        return Err("another account has its id".to_owned());
    }
    let groups = facts.wanted(account.groups.clone().unwrap_or_default(), None, terms.options)?;
    Ok(Judged::New(Box::new(NewRow { line: record.line, account, groups })))
}

fn judge_known_row(
    record: &AccountRecord,
    stored: KnownAccount,
    facts: &Facts,
    terms: &ImportTerms<'_>,
) -> Result<Judged, String> {
    email_of(record)?;
    let mut update = judge_known(record, &stored, facts.primary.as_ref(), terms)?;
    let groups = facts.wanted(std::mem::take(&mut update.groups), Some(&stored.row.id), terms.options)?;
    if !update.differs() && groups.is_empty() {
        return Ok(Judged::Unchanged);
    }
    Ok(Judged::Changed(Box::new(ChangedRow { line: record.line, stored, update, groups })))
}
