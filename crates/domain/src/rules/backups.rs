//! Names of scheduled backups, when the next one is due, and which ones are kept.
//!
//! A name says when the backup was begun, in UTC, so names in order are backups in order. Nothing else is known of them: a
//! folder that several servers write to, or that was copied back, needs no list.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};

use crate::clock::UnixSeconds;

/// How every name begins.
const BEGINNING: &str = "rosterd-";

/// A time within a name.
const FORM: &str = "%Y%m%dT%H%M%SZ";

/// A time as it stands in names of files, such as `20261126T163000Z`. UTC.
#[must_use]
pub fn time(at: UnixSeconds) -> String {
    DateTime::from_timestamp(at, 0).unwrap_or_default().format(FORM).to_string()
}

/// The name of a backup that is begun now, such as `rosterd-20261126T163000Z.db`.
#[must_use]
pub fn name(at: UnixSeconds, extension: &str) -> String {
    format!("{BEGINNING}{}.{extension}", time(at))
}

/// When the backup of this name was begun; `None` for the name of anything else.
#[must_use]
pub fn begun_at(name: &str) -> Option<UnixSeconds> {
    let (time, _extension) = name.strip_prefix(BEGINNING)?.split_once('.')?;
    Some(NaiveDateTime::parse_from_str(time, FORM).ok()?.and_utc().timestamp())
}

/// Whether a backup is due: there is none, or the newest is as old as the interval. One of the future, of a clock that was set
/// back, does not count.
#[must_use]
pub fn is_due<'a>(names: impl IntoIterator<Item = &'a str>, every: Duration, now: UnixSeconds) -> bool {
    let newest = names.into_iter().filter_map(begun_at).filter(|at| *at <= now).max();
    let every = i64::try_from(every.as_secs()).unwrap_or(i64::MAX);
    newest.is_none_or(|newest| now.saturating_sub(newest) >= every)
}

/// Those backups among these names that go when the newest `keep` stay, oldest first.
#[must_use]
pub fn surplus<'a>(names: impl IntoIterator<Item = &'a str>, keep: usize) -> Vec<&'a str> {
    let mut backups: Vec<(UnixSeconds, &str)> =
        names.into_iter().filter_map(|name| begun_at(name).map(|at| (at, name))).collect();
    backups.sort_unstable();
    let goes = backups.len().saturating_sub(keep);
    backups.into_iter().take(goes).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: UnixSeconds = 1_795_694_400;
    const DAY: Duration = Duration::from_hours(24);

    #[test]
    fn a_name_says_when_the_backup_was_begun() {
        let name = name(NOON, "db");
        assert_eq!(name, "rosterd-20261126T120000Z.db");
        assert_eq!(begun_at(&name), Some(NOON));
        assert_eq!(begun_at("rosterd-20261126T120000Z.dump.age"), Some(NOON));
        for other in ["rosterd.db", "rosterd-.db", "rosterd-monday.db", "x-20261126T120000Z.db", "notes.txt"]
        {
            assert_eq!(begun_at(other), None, "{other}");
        }
    }

    #[test]
    fn a_backup_is_due_when_the_newest_is_as_old_as_the_interval() {
        let (old, older) = (name(NOON - 86_399, "db"), name(NOON - 200_000, "db"));
        assert!(is_due([], DAY, NOON));
        assert!(is_due(["notes.txt"], DAY, NOON));
        assert!(!is_due([older.as_str(), &old], DAY, NOON));
        assert!(is_due([old.as_str(), &older], DAY, NOON + 1));
        let future = name(NOON + 500_000, "db");
        assert!(is_due([future.as_str()], DAY, NOON), "the clock was set back");
    }

    #[test]
    fn the_newest_are_kept_and_nothing_else_is_touched() {
        let names = [name(NOON, "db"), name(NOON - 10, "dump.age"), name(NOON - 20, "db")];
        let all = || names.iter().map(String::as_str).chain(["notes.txt", "rosterd.db"]);
        assert_eq!(surplus(all(), 1), [names[2].as_str(), &names[1]]);
        assert!(surplus(all(), 3).is_empty());
        assert!(surplus(all(), 9).is_empty());
    }
}
