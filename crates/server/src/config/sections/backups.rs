//! `[backups]`: backups that the server makes by itself.

use std::path::PathBuf;
use std::time::Duration;

use rosterd_app::settings::ScheduledBackups;

use super::database::DatabaseConfig;
use crate::config::parse::{self, Parsed};
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const EVERY: Setting = Setting::new(
    "backups.every",
    "ROSTERD_BACKUP_EVERY",
    &[],
    Kind::Duration,
    "",
    "The server makes a backup when the newest in the folder is this old, such as 1d. If it is not set, it makes none.",
);
const FOLDER: Setting = Setting::new(
    "backups.folder",
    "ROSTERD_BACKUP_DIR",
    &[],
    Kind::Text,
    "",
    "Folder of these backups; needed if the server makes any. It is made if it is missing.",
);
const KEEP: Setting = Setting::new(
    "backups.keep",
    "ROSTERD_BACKUP_KEEP",
    &[],
    Kind::Integer,
    "7",
    "How many of these backups are kept; older ones are removed.",
);
const RECIPIENTS: Setting = Setting::new(
    "backups.recipients",
    "ROSTERD_BACKUP_RECIPIENTS",
    &[],
    Kind::List,
    "",
    "Recipients for whom these backups are encrypted with the program age; none: they are not encrypted.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[EVERY, FOLDER, KEEP, RECIPIENTS];

/// Backups that the server makes by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupsConfig {
    /// How old the newest may become.
    pub every: Duration,
    /// The folder that they are in.
    pub folder: PathBuf,
    /// How many stay.
    pub keep: usize,
    /// Whom they are encrypted for.
    pub recipients: Vec<String>,
}

impl BackupsConfig {
    #[expect(clippy::option_option, reason = "outer: readable; inner: set")]
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Option<Self>> {
        let every = reader.read_optional(&EVERY, parse::positive_duration);
        let folder = reader.read_optional(&FOLDER, |text| Ok(PathBuf::from(text)));
        let keep = reader.read(&KEEP, parse::number(1..=1_000_000_usize));
        let recipients = reader.read(&RECIPIENTS, |text| {
            text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(recipient).collect()
        });
        let (every, folder, keep, recipients) = (every?, folder?, keep?, recipients?);
        match (every, folder) {
            (None, _) => Some(None),
            (Some(every), Some(folder)) => Some(Some(Self { every, folder, keep, recipients })),
            (Some(_), None) => {
                reader.conflict(&FOLDER, "must name a folder, since ROSTERD_BACKUP_EVERY is set");
                None
            }
        }
    }

    /// The same as the job takes it.
    pub(in crate::config) fn of(&self, database: &DatabaseConfig) -> ScheduledBackups {
        let Self { every, folder, keep, recipients } = self.clone();
        ScheduledBackups { options: database.store_options(), every, folder, keep, recipients }
    }
}

/// A mistake is told at the start, and not by the first backup.
fn recipient(word: &str) -> Parsed<String> {
    if word.starts_with("age1") || word.starts_with("ssh-") {
        Ok(word.to_owned())
    } else {
        Err("must be recipients of age, which begin with age1 or ssh-".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn backups_need_a_folder_and_are_off_without_an_interval() {
        let load = |variables: &[(&str, &str)]| {
            Config::from_variables(variables.iter().copied()).map(|config| config.backups)
        };
        assert_eq!(load(&[("ROSTERD_BACKUP_DIR", "b")]).unwrap(), None);
        let refused = load(&[("ROSTERD_BACKUP_EVERY", "1d")]).unwrap_err().to_string();
        assert!(refused.contains("ROSTERD_BACKUP_DIR"), "{refused}");
        let all = [
            ("ROSTERD_BACKUP_EVERY", "1d"),
            ("ROSTERD_BACKUP_DIR", "b"),
            ("ROSTERD_BACKUP_RECIPIENTS", "age1a, age1b"),
        ];
        let backups = load(&all).unwrap().unwrap();
        assert_eq!((backups.every.as_secs(), backups.keep), (86_400, 7));
        assert_eq!(backups.recipients, ["age1a", "age1b"]);
    }
}
