//! Encrypting with the program `age` (<https://age-encryption.org>). The crate of the same name would bring more code along than
//! all of this one.

use std::path::Path;
use std::process::Command;

use super::draft::Draft;
use super::program::{self, Program};
use super::{BackupError, Stage, Stop};

const AGE: &str = "age";

/// How every file begins that `age` has encrypted, as bytes and as text.
const BEGINNINGS: [&[u8]; 2] = [b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED FILE-----"];

/// Whether a file that begins like this is encrypted.
pub(super) fn is_encrypted(beginning: &[u8]) -> bool {
    BEGINNINGS.iter().any(|known| beginning.starts_with(known))
}

/// The draft encrypted for all of them; as it is if there is nobody.
pub(super) fn for_all(
    draft: Draft,
    recipients: &[String],
    stop: &Stop,
    tell: &dyn Fn(Stage),
) -> Result<Draft, BackupError> {
    if recipients.is_empty() {
        return Ok(draft);
    }
    tell(Stage::Encrypting);
    let encrypted = draft.again()?;
    let mut command = Command::new(AGE);
    command.arg("--encrypt");
    for recipient in recipients {
        command.arg("--recipient").arg(recipient);
    }
    command.arg("--output").arg(encrypted.path()).arg("--").arg(draft.path());
    program::run(Program { name: AGE, url: None }, command, stop)?;
    Ok(encrypted)
}

/// Decrypts a file into another one, with the key in this file.
pub(super) fn decrypt(file: &Path, identity: &Path, into: &Path, stop: &Stop) -> Result<(), BackupError> {
    let mut command = Command::new(AGE);
    command.arg("--decrypt").arg("--identity").arg(identity);
    command.arg("--output").arg(into).arg("--").arg(file);
    program::run(Program { name: AGE, url: None }, command, stop)
}
