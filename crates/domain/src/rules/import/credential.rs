//! The password of an account that a file names (rules T6 to T8).

use secrecy::ExposeSecret;

use super::ImportTerms;
use crate::rules::password_hash::{HashKind, is_checkable};
use crate::secret::{PasswordHash, PlainPassword};
use crate::text::ensure_storable;
use crate::transfer::AccountRecord;

/// The most bytes of a hash.
const MAX_HASH_BYTES: usize = 2_000;

/// How somebody is to sign in.
#[derive(Debug, Clone)]
pub enum Credential {
    /// By nothing that the file says.
    None,
    /// By this password, which was judged but for how hard it is to guess.
    Plain(PlainPassword),
    /// By the password of this hash.
    Hash(PasswordHash),
}

impl Credential {
    /// What a record says.
    ///
    /// # Errors
    /// Both a password and a hash; a password that does not meet the policy (rule T7); a hash that would fit nothing, or that the
    /// database's Open WebUI could not check (rule T6).
    pub(super) fn of(record: &AccountRecord, terms: &ImportTerms<'_>) -> Result<Self, String> {
        match (&record.password, &record.password_hash) {
            (None, None) => Ok(Self::None),
            (Some(_), Some(_)) => Err("it has both a password and a password_hash; one is enough".to_owned()),
            (Some(password), None) => {
                let password = PlainPassword::new(password.expose_secret().to_owned());
                terms.policy.check(&password).map_err(|why| why.to_string())?;
                Ok(Self::Plain(password))
            }
            (None, Some(hash)) => {
                let hash = hash.expose_secret();
                judge_hash(hash, terms)?;
                Ok(Self::Hash(PasswordHash::from_stored(hash.to_owned())))
            }
        }
    }
}

fn judge_hash(hash: &str, terms: &ImportTerms<'_>) -> Result<(), String> {
    if hash.len() > MAX_HASH_BYTES {
        return Err(format!("password_hash is longer than {MAX_HASH_BYTES} bytes"));
    }
    ensure_storable("password_hash", hash).map_err(|why| why.to_string())?;
    if !is_checkable(hash) {
        return Err("password_hash is no hash that can be checked, or one that would take too long. Leave it out: the \
                    account then has no password until one is set"
            .to_owned());
    }
    match terms.attached {
        Some(dialect) if !HashKind::of(hash).is_read_by_open_webui(dialect) => Err(format!(
            "password_hash is of a kind that the Open WebUI {dialect} of this database cannot check"
        )),
        _ => Ok(()),
    }
}
