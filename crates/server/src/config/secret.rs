//! The token secret when nobody gave one: made once, kept in a file that only its owner may read.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rosterd_app::settings::TokenSecret;
use uuid::Uuid;

use crate::folder;

/// Fewest bytes of a secret. HS256 wants as many as its hash is long (RFC 7518, section 3.2).
pub const MIN_SECRET_BYTES: usize = 32;

/// Name of the file that keeps a secret we made.
const FILE_NAME: &str = ".rosterd_secret_key";

/// Where the secret comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// From the environment or the configuration file.
    Given(TokenSecret),
    /// From this file, made at the first start.
    File(PathBuf),
}

/// Why there is no secret.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The file cannot be read or written.
    #[error("the token secret cannot be {doing} {} (set WEBUI_SECRET_KEY, or set WEBUI_SECRET_KEY_FILE to another file)", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read from` or `kept in`.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// The database is Open WebUI's, and nobody named its secret.
    #[error(
        "the database is Open WebUI's, so tokens must be signed with Open WebUI's secret: set WEBUI_SECRET_KEY, or \
         WEBUI_SECRET_KEY_FILE, to the one that it uses (32 bytes or more); a secret that rosterd makes would fit none \
         of its tokens"
    )]
    NotNamed,
    /// The database is Open WebUI's, and the file that was named is not there.
    #[error(
        "WEBUI_SECRET_KEY_FILE: there is no file {}, and for a database of Open WebUI none is made; name the file that \
         Open WebUI uses",
        path.display()
    )]
    NotThere {
        /// The file.
        path: PathBuf,
    },
    /// The file with the secret before is not there.
    #[error("WEBUI_SECRET_KEY_PREVIOUS_FILE: there is no file {}; name the file with the secret before, or remove the variable", path.display())]
    NoPrevious {
        /// The file.
        path: PathBuf,
    },
    /// There is none yet, and this command makes none.
    #[error(
        "there is no secret file {} yet, and this command makes none: `rosterd serve` does, or set WEBUI_SECRET_KEY to \
         the secret of the deployment",
        path.display()
    )]
    NotMade {
        /// The file.
        path: PathBuf,
    },
    /// The file's content is no secret.
    #[error("the secret file {} (WEBUI_SECRET_KEY_FILE or WEBUI_SECRET_KEY_PREVIOUS_FILE): the secret in it {problem}", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl SecretSource {
    /// The secret. From a file it is read; a missing file is made with a new secret, mode 0600 on Unix. Of several
    /// processes that start at once one makes it and all use it.
    ///
    /// # Errors
    /// [`SecretError`] when the file cannot be read or made, or its content is too short.
    pub fn resolve(&self) -> Result<TokenSecret, SecretError> {
        match self.read() {
            Err(SecretError::NotThere { path }) => {
                make(&path).map_err(|source| SecretError::Io { path, doing: "kept in", source })?;
                self.read()
            }
            other => other,
        }
    }

    /// The secret, if it is there already; nothing is made.
    ///
    /// # Errors
    /// [`SecretError`] when the file cannot be read or its content is too short.
    pub fn find(&self) -> Result<Option<TokenSecret>, SecretError> {
        match self.read() {
            Err(SecretError::NotThere { .. }) => Ok(None),
            other => other.map(Some),
        }
    }

    /// A secret for a program that signs nothing; it is kept nowhere.
    #[must_use]
    pub fn throw_away() -> TokenSecret {
        TokenSecret::new(new_secret().as_bytes())
    }

    /// The secret, which must be there; nothing is made.
    ///
    /// # Errors
    /// [`SecretError`] when the file is missing or cannot be read, or its content is too short.
    pub fn read(&self) -> Result<TokenSecret, SecretError> {
        let path = match self {
            Self::Given(secret) => return Ok(secret.clone()),
            Self::File(path) => path,
        };
        let text = fs::read_to_string(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => SecretError::NotThere { path: path.clone() },
            _ => SecretError::Io { path: path.clone(), doing: "read from", source },
        })?;
        // An editor ends the line; no generator of ours or Open WebUI's puts white space at either end.
        let secret = text.trim().as_bytes();
        check_length(secret).map_err(|problem| SecretError::Unfit { path: path.clone(), problem })?;
        warn_when_readable_by_others(path);
        Ok(TokenSecret::new(secret))
    }
}

/// Refuses a secret that is too short, without showing it.
pub(super) fn check_length(secret: &[u8]) -> Result<(), String> {
    if secret.len() >= MIN_SECRET_BYTES {
        return Ok(());
    }
    Err(format!(
        "is {} bytes long and must have {MIN_SECRET_BYTES} or more; generate one with `openssl rand -hex 32`",
        secret.len()
    ))
}

/// The file's place: in the database's folder, or in `./data` where the database is no file.
pub(super) fn default_file(database_folder: Option<PathBuf>) -> PathBuf {
    database_folder.unwrap_or_else(|| PathBuf::from("./data")).join(FILE_NAME)
}

/// Makes the file, unless another process was faster. It appears under its name complete or not at all: the link
/// fails when the name is taken, so nobody ever reads half a secret or replaces one in use.
fn make(path: &Path) -> io::Result<()> {
    let place = path.parent().filter(|place| !place.as_os_str().is_empty()).unwrap_or(Path::new("."));
    folder::make(place)?;
    let draft = place.join(format!("{FILE_NAME}.{}", Uuid::new_v4().simple()));
    let written = write_private(&draft, &new_secret()).and_then(|()| match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    // Best effort: a draft left behind is an unused secret under a name nobody reads.
    let removed = fs::remove_file(&draft);
    written.and(removed)
}

/// 64 hexadecimal digits with 244 random bits of the system's generator.
fn new_secret() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

fn write_private(path: &Path, secret: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn warn_when_readable_by_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    // Not an error: secrets mounted by a container runtime are often readable by all inside.
    if fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0) {
        tracing::warn!(path = %path.display(), "the secret file can be read by others than its owner; `chmod 600` it");
    }
}

#[cfg(not(unix))]
fn warn_when_readable_by_others(_path: &Path) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_made_once_and_only_its_owner_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let source = SecretSource::File(folder.path().join("deeper").join(FILE_NAME));
        assert_eq!(source.find().unwrap(), None);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "looking makes nothing");
        let first = source.resolve().unwrap();
        assert_eq!(first.expose().len(), 64);
        assert_eq!(source.resolve().unwrap(), first);
        let SecretSource::File(path) = source else { unreachable!() };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "no draft stays behind");
    }

    #[test]
    fn processes_that_start_at_once_agree() {
        let folder = tempfile::tempdir().unwrap();
        let source = SecretSource::File(folder.path().join(FILE_NAME));
        let secrets: Vec<TokenSecret> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| source.resolve().unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0]));
    }

    #[test]
    fn a_short_secret_in_the_file_is_refused_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        fs::write(&path, "hunter2\n").unwrap();
        let error = SecretSource::File(path.clone()).resolve().unwrap_err().to_string();
        assert!(error.contains("WEBUI_SECRET_KEY_FILE") && error.contains("7 bytes"), "{error}");
        assert!(!error.contains("hunter2"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "hunter2\n", "an existing file is never replaced");
    }

    #[test]
    fn an_unusable_place_is_an_error_that_names_the_way_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let error = SecretSource::File(file.join("key")).resolve().unwrap_err().to_string();
        assert!(error.contains("WEBUI_SECRET_KEY"), "{error}");
    }
}
