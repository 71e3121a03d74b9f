//! What the checks find, and what mends it.

use std::collections::BTreeMap;
use std::fmt;

/// Rows that are named of each finding.
const NAMED: usize = 10;

/// What is odd in the source, or keeps it from being carried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Several accounts have the same e-mail address, as the rules compare them.
    DuplicateEmail,
    /// A row whose id another row has too.
    DuplicateId,
    /// The same API key twice.
    DuplicateApiKey,
    /// The same account twice in a group.
    DuplicateMember,
    /// An id that is no text, or not in UTF-8.
    UnreadableId,
    /// A text for which PostgreSQL has no room.
    TooLong,
    /// A stored setting that is no JSON.
    UnreadableSetting,
    /// A hash of a password or a key with bytes that are no UTF-8.
    UnreadableSecret,
    /// A row that belongs to an account or a group that is not there.
    Orphan,
    /// A row without an id.
    NoId,
    /// An account without a password: nobody can sign in to it.
    NoAuth,
    /// A group whose parent is not there.
    MissingParent,
    /// Groups that are above themselves.
    ParentLoop,
    /// A JSON column that cannot be read.
    UnreadableJson,
    /// A text with bytes that are no UTF-8.
    UnreadableText,
    /// A value that says neither on nor off.
    UnreadableSwitch,
    /// A setting whose number SQLite cannot hold as it is.
    RewrittenNumber,
    /// A time that is none.
    ImpossibleTime,
    /// A date that is none.
    ImpossibleDate,
    /// No value where there must be one.
    NoValue,
    /// A character that PostgreSQL does not take.
    Nul,
    /// A role that rosterd does not know.
    UnknownRole,
    /// An e-mail address with capitals or blanks.
    EmailSpelling,
    /// An e-mail address that is none.
    UnusualEmail,
    /// An account with a second factor.
    SecondFactor,
    /// Settings of Open WebUI that rosterd does not use.
    OtherSettings,
    /// Rows of the audit log, or deliveries of its events, where the target has a log of its own.
    OwnLog,
}

impl Code {
    /// Its name in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DuplicateEmail => "duplicate_email",
            Self::DuplicateId => "duplicate_id",
            Self::DuplicateApiKey => "duplicate_api_key",
            Self::DuplicateMember => "duplicate_member",
            Self::UnreadableId => "unreadable_id",
            Self::TooLong => "too_long",
            Self::UnreadableSetting => "unreadable_setting",
            Self::UnreadableSecret => "unreadable_secret",
            Self::Orphan => "orphan",
            Self::NoId => "no_id",
            Self::NoAuth => "no_auth",
            Self::MissingParent => "missing_parent",
            Self::ParentLoop => "parent_loop",
            Self::UnreadableJson => "unreadable_json",
            Self::UnreadableText => "unreadable_text",
            Self::UnreadableSwitch => "unreadable_switch",
            Self::RewrittenNumber => "rewritten_number",
            Self::ImpossibleTime => "impossible_time",
            Self::ImpossibleDate => "impossible_date",
            Self::NoValue => "no_value",
            Self::Nul => "nul",
            Self::UnknownRole => "unknown_role",
            Self::EmailSpelling => "email_spelling",
            Self::UnusualEmail => "unusual_email",
            Self::SecondFactor => "second_factor",
            Self::OtherSettings => "other_settings",
            Self::OwnLog => "own_log",
        }
    }

    /// Whether nothing can be carried before it is mended.
    #[must_use]
    pub fn stops(self) -> bool {
        matches!(
            self,
            Self::DuplicateEmail
                | Self::DuplicateId
                | Self::DuplicateApiKey
                | Self::DuplicateMember
                | Self::UnreadableId
                | Self::TooLong
                | Self::UnreadableSetting
                | Self::UnreadableSecret
        )
    }

    /// What is wrong, after a number and the name of a table.
    fn fault(self) -> &'static str {
        match self {
            Self::DuplicateEmail => "share an e-mail address with another account",
            Self::DuplicateId => "have an id that another row has too",
            Self::DuplicateApiKey => "have a key that another row has too",
            Self::DuplicateMember => "name an account that is in the group already",
            Self::UnreadableId => {
                "have an id that is no text in UTF-8, or that PostgreSQL cannot store for its NUL"
            }
            Self::TooLong => "have a text that is too long for PostgreSQL",
            Self::UnreadableSetting => "cannot be read as JSON",
            Self::UnreadableSecret => "have a hash of a password or a key with bytes that are no UTF-8",
            Self::Orphan => "belong to an account or a group that is not there",
            Self::NoId => "have no id",
            Self::NoAuth => "have no row in auth",
            Self::MissingParent => "have a parent that is not there",
            Self::ParentLoop => "are above themselves",
            Self::UnreadableJson => "have JSON that cannot be read",
            Self::UnreadableText => "have a text with bytes that are no UTF-8",
            Self::UnreadableSwitch => "have a value that says neither yes nor no",
            Self::RewrittenNumber => "have a number that SQLite cannot hold to its last digit",
            Self::ImpossibleTime => "have a time that cannot be one",
            Self::ImpossibleDate => "have a date that cannot be one",
            Self::NoValue => "lack a value that there must be",
            Self::Nul => "have a NUL character in a text",
            Self::UnknownRole => "have a role that rosterd does not know",
            Self::EmailSpelling => "have an e-mail address with capitals or blanks",
            Self::UnusualEmail => "have an e-mail address that could not be stored today",
            Self::SecondFactor => "have a second factor",
            Self::OtherSettings => "are settings that only Open WebUI uses",
            Self::OwnLog => "belong to an audit log, and the new database has one of its own",
        }
    }

    /// What becomes of such rows, and what mends them.
    fn remedy(self) -> &'static str {
        match self {
            Self::DuplicateEmail => "give one of them another e-mail address, or delete it",
            Self::DuplicateId | Self::DuplicateApiKey | Self::DuplicateMember => "delete one of them",
            Self::UnreadableId => "give the row another id, everywhere it is named",
            Self::TooLong => "shorten it, or carry it into a SQLite database",
            Self::UnreadableSetting => "store the setting again, or delete its row",
            Self::UnreadableSecret => {
                "nobody could sign in with it; `rosterd user set-password` or a new key at the source mends it"
            }
            Self::UnreadableText => "they are carried with a � in place of each; store the text again",
            Self::UnreadableSwitch => {
                "such an account is carried as one that is not active, and such a key as one that may only read; set it again"
            }
            Self::RewrittenNumber => "they are carried as SQLite holds them; PostgreSQL keeps each digit",
            Self::Orphan => {
                "they are left out; delete them at the source, unless the account can be brought back"
            }
            Self::NoId => "they are left out",
            Self::NoAuth => "they are carried; `rosterd user set-password` gives them a password",
            Self::MissingParent => {
                "they are carried, and stand at the top; give them another parent, or none"
            }
            Self::ParentLoop => "they are carried as they are; give one of them another parent, or none",
            Self::UnreadableJson => {
                "SQLite keeps the text and PostgreSQL has nothing in its place; store the value again"
            }
            Self::ImpossibleTime => {
                "they are carried as they are read; a time in text that says nothing becomes 0"
            }
            Self::ImpossibleDate => "they are carried without it; set the date again",
            Self::NoValue => "they are carried with an empty text or 0 in its place, as they are read",
            Self::Nul => "they are carried without it, because PostgreSQL cannot store it",
            Self::UnknownRole => "they are carried, and may do nothing; give them another role",
            Self::EmailSpelling => "they are carried in lower case and without the blanks",
            Self::UnusualEmail => "they are carried as they are",
            Self::SecondFactor => {
                "they sign in without it there, because a standalone database has none; a proxy can ask for one"
            }
            Self::OtherSettings => "they stay with Open WebUI",
            Self::OwnLog => {
                "they stay behind; to carry them, let DATABASE_URL name a database that no server has used"
            }
        }
    }
}

/// Rows of one table with the same fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What is wrong.
    pub code: Code,
    /// The table of the source.
    pub table: &'static str,
    /// How many rows.
    pub rows: u64,
    /// Some of them, by their ids, with the column where that matters.
    pub named: Vec<String>,
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, table, rows, named } = self;
        write!(f, "{rows} rows of {table} {}", code.fault())?;
        if !named.is_empty() {
            let more = if u64::try_from(named.len()).is_ok_and(|named| named < *rows) { ", …" } else { "" };
            write!(f, " ({}{more})", named.join(", "))?;
        }
        write!(f, ": {}", code.remedy())
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(BTreeMap<(Code, &'static str), (u64, Vec<String>)>);

impl Findings {
    /// One more row.
    pub(super) fn note(&mut self, code: Code, table: &'static str, row: impl FnOnce() -> String) {
        let (rows, named) = self.0.entry((code, table)).or_default();
        *rows += 1;
        if named.len() < NAMED {
            named.push(row());
        }
    }

    /// So many rows, of which some are named.
    pub(super) fn note_all(&mut self, code: Code, table: &'static str, rows: u64, mut named: Vec<String>) {
        if rows > 0 {
            named.truncate(NAMED);
            self.0.insert((code, table), (rows, named));
        }
    }

    /// All of it, what stops first.
    pub(super) fn into_checks(self) -> Vec<Check> {
        let checks = self.0.into_iter();
        let mut checks: Vec<Check> =
            checks.map(|((code, table), (rows, named))| Check { code, table, rows, named }).collect();
        checks.sort_by_key(|check| !check.code.stops());
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_names_some_rows_and_what_mends_them() {
        let mut findings = Findings::default();
        for row in 0..12 {
            findings.note(Code::Orphan, "group_member", || row.to_string());
        }
        findings.note(Code::DuplicateEmail, "user", || "u-1".to_owned());
        let checks = findings.into_checks();
        assert!(checks[0].code.stops() && !checks[1].code.stops());
        assert_eq!(
            checks[1].to_string(),
            "12 rows of group_member belong to an account or a group that is not there (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …): \
             they are left out; delete them at the source, unless the account can be brought back"
        );
    }
}
