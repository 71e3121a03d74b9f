//! What the codes of the two databases mean: SQLSTATE on PostgreSQL, result codes on SQLite. Pure.

/// What an error says about the statement, the connection and the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// The statement's own fault: a defect of ours, a foreign schema, a broken constraint.
    Fault,
    /// The same, by what this connection remembers: a prepared statement that the server no longer takes.
    #[cfg_attr(
        not(any(test, feature = "postgres")),
        expect(dead_code, reason = "SQLite prepares a statement anew by itself")
    )]
    Stale,
    /// Passing: too busy, locked, a deadlock.
    Passing,
    /// Passing: it took too long and was cut off.
    Late,
    /// The connection is gone.
    Lost,
    /// The database does not do its work until somebody or something changes that.
    Lasting(Trouble),
}

/// Why a database does not do its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// It takes no writes.
    ReadOnly,
    /// The role lacks a right.
    Denied,
    /// No space or memory is left.
    Full,
    /// A file cannot be read or written, or holds what it must not.
    Files,
}

/// What becomes of the connection on which an error happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Verdict {
    /// It goes back to its pool.
    #[default]
    Keep,
    /// It is closed.
    Close,
    /// It is closed, and so are those that rest: what happened to it has happened to them.
    Distrust,
}

impl Meaning {
    /// Whether trying again later is right; otherwise it is an error of ours.
    pub(crate) fn is_unavailable(self) -> bool {
        !matches!(self, Self::Fault | Self::Stale)
    }

    /// What it says about the connection.
    pub(crate) fn verdict(self) -> Verdict {
        match self {
            Self::Fault | Self::Passing | Self::Lasting(Trouble::Denied | Trouble::Full) => Verdict::Keep,
            Self::Stale | Self::Late | Self::Lasting(Trouble::Files) => Verdict::Close,
            // After a failover the server behind the same name takes writes again.
            Self::Lost | Self::Lasting(Trouble::ReadOnly) => Verdict::Distrust,
        }
    }

    /// What is wrong with the database, if that lasts.
    pub(crate) fn trouble(self) -> Option<Trouble> {
        match self {
            Self::Lasting(trouble) => Some(trouble),
            _ => None,
        }
    }
}

/// Of PostgreSQL's SQLSTATE (its documentation, appendix "PostgreSQL Error Codes").
#[cfg(feature = "postgres")]
pub(crate) fn of_sqlstate(state: &str) -> Meaning {
    match state {
        // read_only_sql_transaction
        "25006" => Meaning::Lasting(Trouble::ReadOnly),
        // insufficient_privilege
        "42501" => Meaning::Lasting(Trouble::Denied),
        // query_canceled: the statement timeout, or somebody's pg_cancel_backend
        "57014" => Meaning::Late,
        // idle_in_transaction_session_timeout and transaction_timeout end the session
        "25P03" | "25P04" => Meaning::Lost,
        // serialization_failure, deadlock_detected, lock_not_available, too_many_connections
        "40001" | "40P01" | "55P03" | "53300" => Meaning::Passing,
        // data_corrupted, index_corrupted
        "XX001" | "XX002" => Meaning::Lasting(Trouble::Files),
        // "cached plan must not change result type"; invalid_sql_statement_name
        "0A000" | "26000" => Meaning::Stale,
        _ => match state.get(..2) {
            // Connection exceptions; operator interventions, all others of which end the session.
            Some("08" | "57") => Meaning::Lost,
            // Insufficient resources
            Some("53") => Meaning::Lasting(Trouble::Full),
            // System errors, outside PostgreSQL itself
            Some("58") => Meaning::Lasting(Trouble::Files),
            _ => Meaning::Fault,
        },
    }
}

/// Of SQLite's result code, extended or not (<https://www.sqlite.org/rescode.html>).
#[cfg(feature = "sqlite")]
pub(crate) fn of_sqlite(code: i32) -> Meaning {
    use libsqlite3_sys as ffi;

    match code & 0xff {
        // The extended ones are about what lies beside the file: a folder in which no journal can be made, for one.
        ffi::SQLITE_READONLY if code != ffi::SQLITE_READONLY => Meaning::Lasting(Trouble::Files),
        ffi::SQLITE_READONLY => Meaning::Lasting(Trouble::ReadOnly),
        ffi::SQLITE_PERM => Meaning::Lasting(Trouble::Denied),
        ffi::SQLITE_FULL | ffi::SQLITE_NOMEM => Meaning::Lasting(Trouble::Full),
        // A damaged file is nobody's fault who asks, and it must never look like a row that is not there.
        ffi::SQLITE_IOERR | ffi::SQLITE_CANTOPEN | ffi::SQLITE_CORRUPT | ffi::SQLITE_NOTADB => {
            Meaning::Lasting(Trouble::Files)
        }
        ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL => Meaning::Passing,
        ffi::SQLITE_INTERRUPT => Meaning::Late,
        _ => Meaning::Fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "postgres")]
    #[test]
    fn states_of_postgresql_are_told_by_their_code() {
        for state in
            ["08000", "08003", "08006", "08P01", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03"]
        {
            assert_eq!(of_sqlstate(state), Meaning::Lost, "{state}");
        }
        for state in ["53000", "53100", "53200", "53400"] {
            assert_eq!(of_sqlstate(state), Meaning::Lasting(Trouble::Full), "{state}");
        }
        for state in ["58000", "58030", "58P01", "XX001"] {
            assert_eq!(of_sqlstate(state), Meaning::Lasting(Trouble::Files), "{state}");
        }
        for state in ["40001", "40P01", "55P03", "53300"] {
            assert_eq!(of_sqlstate(state), Meaning::Passing, "{state}");
        }
        assert_eq!(of_sqlstate("25006"), Meaning::Lasting(Trouble::ReadOnly));
        assert_eq!(of_sqlstate("42501"), Meaning::Lasting(Trouble::Denied));
        assert_eq!(of_sqlstate("57014"), Meaning::Late);
        for state in ["23505", "42P01", "42703", "22001", "25P02", "25001", "XX000", "P0001", "", "ü"] {
            assert_eq!(of_sqlstate(state), Meaning::Fault, "{state}");
        }
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn codes_of_sqlite_mean_what_they_say_extended_or_not() {
        use libsqlite3_sys as ffi;

        for (code, meaning) in [
            (ffi::SQLITE_READONLY, Meaning::Lasting(Trouble::ReadOnly)),
            (ffi::SQLITE_READONLY_DIRECTORY, Meaning::Lasting(Trouble::Files)),
            (ffi::SQLITE_READONLY_DBMOVED, Meaning::Lasting(Trouble::Files)),
            (ffi::SQLITE_FULL, Meaning::Lasting(Trouble::Full)),
            (ffi::SQLITE_IOERR_WRITE, Meaning::Lasting(Trouble::Files)),
            (ffi::SQLITE_CANTOPEN_ISDIR, Meaning::Lasting(Trouble::Files)),
            (ffi::SQLITE_CORRUPT, Meaning::Lasting(Trouble::Files)),
            (ffi::SQLITE_NOTADB, Meaning::Lasting(Trouble::Files)),
            (ffi::SQLITE_BUSY_SNAPSHOT, Meaning::Passing),
            (ffi::SQLITE_LOCKED_SHAREDCACHE, Meaning::Passing),
            (ffi::SQLITE_INTERRUPT, Meaning::Late),
            (ffi::SQLITE_ERROR, Meaning::Fault),
            (ffi::SQLITE_CONSTRAINT_CHECK, Meaning::Fault),
            (ffi::SQLITE_MISUSE, Meaning::Fault),
        ] {
            assert_eq!(of_sqlite(code), meaning, "{code}");
        }
    }

    #[test]
    fn what_one_connection_lost_is_not_trusted_on_the_others() {
        assert_eq!(Meaning::Lost.verdict(), Verdict::Distrust);
        assert_eq!(Meaning::Lasting(Trouble::ReadOnly).verdict(), Verdict::Distrust);
        assert_eq!(Meaning::Late.verdict(), Verdict::Close);
        assert_eq!(Meaning::Passing.verdict(), Verdict::Keep);
        assert!(Meaning::Lasting(Trouble::Denied).is_unavailable());
        assert!(!Meaning::Fault.is_unavailable() && !Meaning::Stale.is_unavailable());
    }
}
