//! `[passwords]`: what a new password must be like (rule R3) and what hashing it costs.

use std::sync::Arc;

use rosterd_app::settings::all_cores_but_one;
use rosterd_domain::rules::password_hash::{BCRYPT_COSTS, HashAlgorithm};
use rosterd_domain::rules::password_strength::Strength;
use rosterd_domain::secret::{PasswordPolicy, PasswordTest};

use crate::config::parse::{self, Parsed};
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const MIN_LENGTH: Setting = Setting::new(
    "passwords.min_length",
    "ROSTERD_PASSWORD_MIN_LENGTH",
    &[],
    Kind::Integer,
    "8",
    "Minimum number of characters of a new password. 15 or more are recommended, since the password is the only factor.",
);
const STRENGTH: Setting = Setting::new(
    "passwords.strength",
    "ROSTERD_PASSWORD_STRENGTH",
    &[],
    Kind::Integer,
    "4",
    "How hard a new password must be to guess, from 0 to 4, as zxcvbn measures it: 2 is more than a million guesses, 3 a hundred million, 4 ten billion. With 0 only the most common passwords and the account's own name and e-mail address are refused.",
);
const VALIDATION: Setting = Setting::new(
    "passwords.validation",
    "ENABLE_PASSWORD_VALIDATION",
    &[],
    Kind::Switch,
    "false",
    "New passwords must also match the pattern.",
);
const PATTERN: Setting = Setting::new(
    "passwords.pattern",
    "PASSWORD_VALIDATION_REGEX_PATTERN",
    &[],
    Kind::Text,
    r"^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s]).{8,}$",
    "Regular expression for new passwords. It is matched from the beginning; look-ahead is supported.",
);
const HINT: Setting = Setting::new(
    "passwords.hint",
    "PASSWORD_VALIDATION_HINT",
    &[],
    Kind::Text,
    "",
    "What users are told of the pattern if a new password does not match it.",
);
const ALGORITHM: Setting = Setting::new(
    "passwords.hash_algorithm",
    "PASSWORD_HASH_ALGORITHM",
    &[],
    Kind::Choice(&["bcrypt", "argon2"]),
    "bcrypt",
    "How new passwords are hashed. argon2 reads passwords of any length; in a database of Open WebUI 0.6 bcrypt is used all the same. Each hash of argon2 takes 64 MiB of memory. A hash of another kind is replaced when its owner signs in.",
);
const BCRYPT_COST: Setting = Setting::new(
    "passwords.bcrypt_cost",
    "ROSTERD_BCRYPT_COST",
    &[],
    Kind::Integer,
    "12",
    "Cost of new bcrypt hashes, 4 to 18. Each step doubles the time.",
);
const HASH_THREADS: Setting = Setting::new(
    "passwords.hash_threads",
    "ROSTERD_HASH_THREADS",
    &[],
    Kind::Integer,
    "0",
    "Threads that hash passwords, at low priority on Linux; 0: one for each core but one, and at least one. At cost 12, each sign-in occupies one for a third of a second.",
);
const HASH_QUEUE: Setting = Setting::new(
    "passwords.hash_queue",
    "ROSTERD_HASH_QUEUE",
    &[],
    Kind::Integer,
    "512",
    "Passwords that may wait for such a thread: half of them of sign-ins, a quarter of sign-ups, a quarter of signed-in users. One client IP may have a quarter of each. More are answered with 503.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] =
    &[MIN_LENGTH, STRENGTH, VALIDATION, PATTERN, HINT, ALGORITHM, BCRYPT_COST, HASH_THREADS, HASH_QUEUE];

/// What a new password must be like and what hashing it costs.
#[derive(Debug, Clone)]
pub struct PasswordsConfig {
    /// Length, strength and pattern.
    pub policy: PasswordPolicy,
    /// What new hashes are made by.
    pub algorithm: HashAlgorithm,
    /// bcrypt cost, 4 to 18.
    pub bcrypt_cost: u32,
    /// Hashing threads.
    pub hash_threads: usize,
    /// Waiting places.
    pub hash_queue: usize,
}

impl PasswordsConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        // bcrypt takes 72 bytes: a longer minimum would refuse every password.
        let min_length = reader.read(&MIN_LENGTH, parse::number(1..=72));
        let strength = reader.read(&STRENGTH, parse::number(0..=4));
        let validation = reader.read(&VALIDATION, parse::switch);
        let pattern = reader.read(&PATTERN, parse::text);
        let hint = reader.read_optional(&HINT, parse::text);
        let algorithm = reader.read(&ALGORITHM, |text| {
            let words = [("bcrypt", HashAlgorithm::Bcrypt), ("argon2", HashAlgorithm::Argon2)];
            parse::choice(&words, text)
        });
        let bcrypt_cost = reader.read(&BCRYPT_COST, parse::number(BCRYPT_COSTS));
        let hash_threads = reader.read(&HASH_THREADS, parse::number(0..=64));
        let hash_queue = reader.read(&HASH_QUEUE, parse::number(1..=100_000));
        let mut policy = PasswordPolicy {
            min_chars: min_length?,
            hint: hint?,
            strength: Strength::new(strength?).unwrap_or_default(),
            ..PasswordPolicy::default()
        };
        let pattern = pattern?;
        if validation? {
            policy.pattern = test_of(reader, &pattern);
        }
        Some(Self {
            policy,
            algorithm: algorithm?,
            bcrypt_cost: bcrypt_cost?,
            hash_threads: if hash_threads? == 0 { all_cores_but_one() } else { hash_threads? },
            hash_queue: hash_queue?,
        })
    }
}

/// The test that a pattern makes. As with Open WebUI, one that is no regular expression does not keep the server from
/// starting: the default counts, and the log says so (rule M27a).
fn test_of(reader: &mut Reader<'_>, pattern: &str) -> Option<PasswordTest> {
    let compiled = match compile(pattern) {
        Ok(compiled) => Some(compiled),
        Err(problem) => {
            reader.warn(format!("{}: {problem}; the default pattern is used", PATTERN.variable));
            compile(&PATTERN.default).ok()
        }
    };
    // A pattern that gives up (too much backtracking) counts as not matched: the safe side.
    let test = |regex: fancy_regex::Regex| -> PasswordTest {
        Arc::new(move |password| regex.is_match(password).unwrap_or(false))
    };
    compiled.map(test)
}

/// The pattern, held to the beginning of the password as Open WebUI's matching does.
fn compile(pattern: &str) -> Parsed<fancy_regex::Regex> {
    fancy_regex::Regex::new(&format!(r"\A(?:{pattern})"))
        .map_err(|error| format!("`{pattern}` is not a regular expression ({error})"))
}
