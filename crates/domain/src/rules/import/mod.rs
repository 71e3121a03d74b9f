//! What becomes of an account that a file names (rules T2 and T4 to T9).
//!
//! A record is judged beside the account that has its e-mail address, if there is one. What is read of that has to be read in
//! the transaction that writes, as ever; a preview asks the same before.

mod credential;
mod known;
mod new;

pub use self::credential::Credential;
pub use self::known::{AccountUpdate, KnownAccount, judge_known};
pub use self::new::{ImportedAccount, judge_new};

use crate::dialect::Dialect;
use crate::group::GroupName;
use crate::ids::UserId;
use crate::role::Role;
use crate::secret::PasswordPolicy;
use crate::transfer::AccountRecord;

/// The rows of one transaction (rule T3).
pub const CHUNK_ROWS: usize = 1_000;

/// The bytes of the texts of one transaction, but for a single larger row.
pub const CHUNK_BYTES: usize = 8 << 20;

/// The most rows of an import in one transaction (rule T3): others wait as long as it takes.
pub const MOST_ATOMIC_ROWS: usize = 10_000;

/// The most passwords in clear of one transaction: each takes a third of a second to be hashed, and what was hashed and not
/// written is lost when the program is stopped.
pub const CHUNK_PASSWORDS: usize = 100;

/// What whoever imports allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent permissions, each an option of its own")]
pub struct ImportOptions {
    /// Rows that are refused are left out, and the others written.
    pub skip_bad: bool,
    /// All rows are written in one transaction.
    pub atomic: bool,
    /// Accounts may become admins, and cease to be (rule T4).
    pub allow_admins: bool,
    /// Groups that do not exist are made (rule T9).
    pub create_groups: bool,
    /// Accounts that have a password get that of the file (rule T5).
    pub set_passwords: bool,
}

/// Who imports: how much is taken of what a file says (rule T5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importer<'a> {
    /// Whoever runs the server.
    Operator,
    /// An account that is an admin.
    Admin(&'a UserId),
}

/// What records are judged by.
#[derive(Debug, Clone, Copy)]
pub struct ImportTerms<'a> {
    /// What was allowed.
    pub options: ImportOptions,
    /// Who imports.
    pub importer: Importer<'a>,
    /// Which Open WebUI the database belongs to; `None`: none.
    pub attached: Option<Dialect>,
    /// What new passwords must fulfil.
    pub policy: &'a PasswordPolicy,
}

/// The e-mail address of a record.
///
/// # Errors
/// There is none.
pub fn email_of(record: &AccountRecord) -> Result<&str, String> {
    record
        .email
        .as_deref()
        .filter(|email| !email.trim().is_empty())
        .ok_or_else(|| "it has no e-mail address".to_owned())
}

/// The role that a record names, in any case (rule R1).
fn role_of(record: &AccountRecord) -> Result<Option<Role>, String> {
    let Some(text) = &record.role else { return Ok(None) };
    let role = Role::parse(&text.trim().to_ascii_lowercase());
    role.map(Some).ok_or_else(|| "role must be pending, user or admin".to_owned())
}

/// The most groups that a record may name.
const MOST_GROUPS: usize = 1_000;

/// The names of the groups that a record names, each once (rule T9).
fn groups_of(record: &AccountRecord) -> Result<Option<Vec<GroupName>>, String> {
    let Some(names) = &record.groups else { return Ok(None) };
    if names.len() > MOST_GROUPS {
        return Err(format!("groups: at most {MOST_GROUPS} can be named"));
    }
    let mut groups: Vec<GroupName> = Vec::new();
    for name in names {
        let name = GroupName::parse(name).map_err(|why| format!("groups: {why}"))?;
        if name.as_str().is_empty() {
            return Err("groups: a name must not be empty".to_owned());
        }
        if groups.iter().all(|group| group.as_str() != name.as_str()) {
            groups.push(name);
        }
    }
    Ok(Some(groups))
}

#[cfg(test)]
mod tests;
