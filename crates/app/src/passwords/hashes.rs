//! Making and checking hashes on the calling thread.

use argon2::password_hash::{Output, PasswordHash as PhcHash, Salt, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use rosterd_domain::dialect::Dialect;
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::password_hash::{Argon2Cost, DerivedHash, HashKind, Pbkdf2Digest};
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use uuid::Uuid;

use super::derive;
use super::memory::Memory;
use crate::error::AppError;

/// bcrypt looks at no more than this many bytes.
const BCRYPT_BYTES: usize = 72;

/// Hashes on the calling thread, for tools that have no requests to stall.
///
/// # Errors
/// [`AppError::Internal`] when bcrypt refuses the cost.
pub fn hash_blocking(password: &PlainPassword, cost: u32) -> Result<PasswordHash, AppError> {
    bcrypt::hash(password.expose(), cost)
        .map(PasswordHash::from_stored)
        .map_err(|_why| AppError::Internal("a password could not be hashed"))
}

/// As [`hash_blocking`], with Argon2id.
///
/// # Errors
/// [`AppError::Internal`] when Argon2 refuses the cost.
pub fn hash_argon2(password: &PlainPassword, cost: Argon2Cost) -> Result<PasswordHash, AppError> {
    hash_argon2_in(&Memory::default(), password, cost)
}

/// As [`hash_argon2`], in this memory.
pub(super) fn hash_argon2_in(
    memory: &Memory,
    password: &PlainPassword,
    cost: Argon2Cost,
) -> Result<PasswordHash, AppError> {
    let hashed = || {
        let salt = SaltString::encode_b64(Uuid::new_v4().as_bytes()).ok()?;
        let params =
            Params::new(cost.memory, cost.passes, cost.lanes, Some(Params::DEFAULT_OUTPUT_LEN)).ok()?;
        let (algorithm, version) = (Algorithm::Argon2id, Version::V0x13);
        let bytes = password.expose().as_bytes();
        let output = argon2_output(memory, bytes, algorithm, version, params.clone(), salt.as_salt())?;
        let hash = PhcHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: (&params).try_into().ok()?,
            salt: Some(salt.as_salt()),
            hash: Some(output),
        };
        Some(PasswordHash::from_stored(hash.to_string()))
    };
    hashed().ok_or(AppError::Internal("a password could not be hashed"))
}

/// What Argon2 makes of a password; `None` for what it cannot work with.
fn argon2_output(
    memory: &Memory,
    password: &[u8],
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt<'_>,
) -> Option<Output> {
    let mut bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut bytes).ok()?;
    let (blocks, length) = (params.block_count(), params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN));
    let argon2 = Argon2::new(algorithm, version, params);
    Output::init_with(length, |output| {
        memory
            .with(blocks, |blocks| argon2.hash_password_into_with_memory(password, salt, output, blocks))
            .map_err(Into::into)
    })
    .ok()
}

/// Whether a password fits a hash by Argon2. The comparison takes the same time for all.
fn fits_argon2(memory: &Memory, password: &[u8], hash: &str) -> Option<bool> {
    let hash = PhcHash::new(hash).ok()?;
    let algorithm = Algorithm::try_from(hash.algorithm).ok()?;
    let version = hash.version.map(Version::try_from).transpose().ok()?.unwrap_or_default();
    let params = Params::try_from(&hash).ok()?;
    let output = argon2_output(memory, password, algorithm, version, params, hash.salt?)?;
    Some(output == hash.hash?)
}

/// Whether a password fits a stored hash, whose beginning tells the kind (rule M27). A malformed hash fits nothing: it is
/// the database's fault, not the caller's.
pub(super) fn fits(memory: &Memory, password: &PlainPassword, hash: &PasswordHash) -> bool {
    let (password, hash) = (password.expose(), hash.expose());
    let bytes = password.as_bytes();
    match HashKind::of(hash) {
        HashKind::Bcrypt(_) => bcrypt::verify(&bytes[..bytes.len().min(BCRYPT_BYTES)], hash).unwrap_or(false),
        HashKind::Argon2(_) => fits_argon2(memory, bytes, hash).unwrap_or(false),
        HashKind::Pbkdf2(_) | HashKind::Scrypt(_) => {
            DerivedHash::parse(hash).is_some_and(|hash| derive::fits(password, &hash))
        }
        HashKind::Unreadable => false,
    }
}

/// Says in the log what may keep the owner of this account out (rule M27): a hash of a kind that is not read; or, `beside` an
/// Open WebUI of this dialect, one that is not read there. The hash itself is never told.
pub(crate) fn tell_odd(account: &UserId, hash: &PasswordHash, beside: Option<Dialect>) {
    let kind = HashKind::of(hash.expose());
    if kind == HashKind::Unreadable {
        tracing::warn!(
            user.id = %account,
            "the stored password hash of this account is of no kind that rosterd reads, or would take too much time or \
             memory to check, so no password fits; give the account a new password: rosterd user set-password"
        );
    } else if beside.is_some_and(|dialect| !kind.is_read_by_open_webui(dialect)) {
        tracing::warn!(
            user.id = %account,
            "the stored password hash of this account is of a kind that Open WebUI does not read; it is replaced when its \
             owner signs in here, or by a new password: rosterd user set-password"
        );
    }
}

/// A well-formed hash of this kind that no known password has. Its salt and digest are constants: making a real one
/// would cost every start a third of a second.
pub(super) fn dummy(kind: HashKind) -> PasswordHash {
    const SALT: &str = "cm9zdGVyZHJvc3RlcmQ";
    const DIGEST: &str = "Uwsf4T5rFjNeSJ2nQ0aXh3yVbGk9dLmZpYt6oRcEuHg";
    PasswordHash::from_stored(match kind {
        HashKind::Bcrypt(cost) => {
            format!("$2b${cost:02}$rosterdrosterdrosterduZxq0Mjs5B1nX8vY3cWk7tLhPe2aGmSK")
        }
        HashKind::Argon2(Argon2Cost { memory, passes, lanes }) => {
            format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${SALT}${DIGEST}")
        }
        HashKind::Pbkdf2(cost) => {
            let digest = match cost.digest {
                Pbkdf2Digest::Sha1 => "sha1",
                Pbkdf2Digest::Sha256 => "sha256",
                Pbkdf2Digest::Sha512 => "sha512",
            };
            // Three bytes are four digits of base64, and what is left takes one digit more than it has bytes.
            let bytes = cost.key_bytes;
            let digits = bytes / 3 * 4 + if bytes.is_multiple_of(3) { 0 } else { bytes % 3 + 1 };
            let key: String = (0..digits).map(|_| 'A').collect();
            format!("$pbkdf2-{digest}$i={},l={bytes}${SALT}${key}", cost.iterations)
        }
        HashKind::Scrypt(cost) => {
            format!("$scrypt$ln={},r={},p={}${SALT}${DIGEST}", cost.log_n, cost.block, cost.lanes)
        }
        HashKind::Unreadable => String::new(),
    })
}

#[cfg(test)]
mod tests {
    use argon2::PasswordVerifier as _;

    use super::*;

    const CHEAP: Argon2Cost = Argon2Cost { memory: 64, passes: 1, lanes: 1 };

    fn password(text: &str) -> PlainPassword {
        PlainPassword::new(text.to_owned())
    }

    fn fits(password: &PlainPassword, hash: &PasswordHash) -> bool {
        super::fits(&Memory::default(), password, hash)
    }

    #[test]
    fn m27_memory_that_was_used_before_makes_no_other_hash() {
        let (memory, larger) = (Memory::default(), Argon2Cost { memory: 256, ..CHEAP });
        let stored = hash_argon2_in(&memory, &password("right"), CHEAP).unwrap();
        let wide = hash_argon2_in(&memory, &password("other"), larger).unwrap();
        for (right, hash) in [("right", &stored), ("other", &wide), ("right", &stored)] {
            assert!(super::fits(&memory, &password(right), hash));
            assert!(!super::fits(&memory, &password("wrong"), hash));
            // As the library itself has it, in memory of its own.
            let parsed = PhcHash::new(hash.expose()).unwrap();
            assert_eq!(Argon2::default().verify_password(right.as_bytes(), &parsed), Ok(()));
        }
    }

    #[test]
    fn m27_a_hash_is_checked_by_its_beginning() {
        let argon2 = hash_argon2(&password("right"), CHEAP).unwrap();
        assert!(argon2.expose().starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{}", argon2.expose());
        let bcrypt = hash_blocking(&password("right"), 4).unwrap();
        for hash in [&argon2, &bcrypt] {
            assert!(fits(&password("right"), hash));
            assert!(!fits(&password("wrong"), hash));
        }
        for malformed in ["$argon2", "$argon2id$v=19$m=64,t=1,p=1$x$y", "", "$2b$04$", "pbkdf2_sha256$1$x$y"]
        {
            assert!(
                !fits(&password("right"), &PasswordHash::from_stored(malformed.to_owned())),
                "{malformed}"
            );
        }
    }

    #[test]
    fn m27_a_hash_by_argon2_cffi_as_open_webui_makes_it_fits() {
        let hash = "$argon2id$v=19$m=8192,t=1,p=4$EwjAsiG/F/uhl8rmusc/dw$xn57GFL21XceAbUEwBElHDbZIPItXN6bFEkKTFi7TOg";
        let stored = PasswordHash::from_stored(hash.to_owned());
        assert!(fits(&password("correct horse"), &stored));
        assert!(!fits(&password("correct horsf"), &stored));
    }

    #[test]
    fn m27_a_hash_by_django_fits() {
        let stored = PasswordHash::from_stored(
            "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=".to_owned(),
        );
        assert!(fits(&password("correct horse"), &stored));
        assert!(!fits(&password("correct horsf"), &stored));
    }

    #[test]
    fn m27_argon2_reads_more_than_72_bytes() {
        let long = |end: &str| password(&format!("{}{end}", "x".repeat(72)));
        let argon2 = hash_argon2(&long("a"), CHEAP).unwrap();
        assert!(fits(&long("a"), &argon2) && !fits(&long("b"), &argon2));
        let bcrypt = hash_blocking(&password(&"x".repeat(72)), 4).unwrap();
        assert!(fits(&long("a"), &bcrypt) && fits(&long("b"), &bcrypt));
    }

    #[test]
    fn m27_a_hash_that_is_too_dear_is_not_checked() {
        // Checking any of these would take longer than all tests together.
        for dear in [
            "$2b$31$rosterdrosterdrosterduZxq0Mjs5B1nX8vY3cWk7tLhPe2aGmSK",
            "$argon2id$v=19$m=4294967295,t=1,p=1$cm9zdGVyZHJvc3RlcmQ$Uwsf4T5rFjNeSJ2nQ0aXh3yVbGk9dLmZpYt6oRcEuHg",
            "pbkdf2_sha256$4294967295$salt$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            "$scrypt$ln=40,r=8,p=1$cm9zdGVyZHJvc3RlcmQ$Uwsf4T5rFjNeSJ2nQ0aXh3yVbGk9dLmZpYt6oRcEuHg",
        ] {
            assert!(!fits(&password("anything"), &PasswordHash::from_stored(dear.to_owned())), "{dear}");
        }
    }

    #[test]
    fn the_dummy_is_checked_in_full() {
        // A malformed hash would fail at once and give the missing account away by its speed.
        for kind in [HashKind::Bcrypt(4), HashKind::Bcrypt(12)] {
            assert_eq!(bcrypt::verify("anything", dummy(kind).expose()).ok(), Some(false));
        }
        let argon2 = dummy(HashKind::Argon2(CHEAP));
        let parsed = argon2::password_hash::PasswordHash::new(argon2.expose()).unwrap();
        let refused = Argon2::default().verify_password(b"anything", &parsed);
        assert_eq!(refused, Err(argon2::password_hash::Error::Password));
        for stored in [
            "pbkdf2_sha256$1000$salt",
            "$pbkdf2-sha256$i=10,l=64$salt",
            "$pbkdf2-sha256$i=10,l=40$salt",
            "$pbkdf2-sha512$i=10$salt",
            "$pbkdf2-sha1$i=10$salt",
            "$scrypt$ln=4,r=8,p=1$salt",
            "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==",
            "0123456789abcdef0123456789abcdef:0123",
        ] {
            let kind = HashKind::of(stored);
            let dummy = dummy(kind);
            assert_eq!(HashKind::of(dummy.expose()), kind, "{stored}");
            assert!(DerivedHash::parse(dummy.expose()).is_some(), "{}", dummy.expose());
        }
    }
}
