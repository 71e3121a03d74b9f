//! The name that somebody who misspelt one has most likely meant.

use rosterd_domain::text::nearest;

use super::setting::{CONFIG_VARIABLE, PREFIX, Setting};

/// The variable that is nearest to a name which is none. `ROSTERD_` in front does not count, as it is alike everywhere
/// and people put it before Open WebUI's variables too; a setting is also found by its place in the TOML file.
pub(super) fn variable(name: &str, settings: &[Setting]) -> Option<String> {
    let variables = settings
        .iter()
        .flat_map(Setting::variables)
        .chain([CONFIG_VARIABLE])
        .map(|variable| (bare(variable).to_owned(), variable));
    let keys = settings
        .iter()
        .map(|setting| (setting.key.replace('.', "_").to_uppercase(), setting.variable.as_ref()));
    nearest(bare(&name.to_uppercase()), variables.chain(keys)).map(str::to_owned)
}

fn bare(variable: &str) -> &str {
    variable.strip_prefix(PREFIX).unwrap_or(variable)
}

/// The key or table of the TOML file that is nearest to one which is unknown: in the same table, else a table of this
/// name, else the setting that is named so in another table or in the environment.
pub(super) fn key(table: &str, name: &str, settings: &[Setting]) -> Option<String> {
    let in_table = settings.iter().filter(|setting| setting.section() == table);
    let in_table = in_table.map(|setting| (setting.name(), setting.key.as_ref()));
    let tables = settings.iter().map(Setting::section).filter_map(|section| {
        let inner =
            if table.is_empty() { section } else { section.strip_prefix(table)?.strip_prefix('.')? };
        Some((inner.split('.').next().unwrap_or(inner), section))
    });
    nearest(name, in_table.chain(tables)).map(str::to_owned).or_else(|| {
        let elsewhere = settings
            .iter()
            .find(|setting| setting.name() == name || setting.variables().any(|known| known == name));
        elsewhere.map(|setting| setting.key.clone().into_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::all_settings;

    #[test]
    fn variables_are_found_with_and_without_the_prefix_and_by_their_key() {
        let nearest = |name: &str| variable(name, &all_settings());
        for (name, meant) in [
            ("ROSTERD_SYNCRONOUS", "ROSTERD_SYNCHRONOUS"),
            ("ROSTERD_DATABASE_URL", "DATABASE_URL"),
            ("ROSTERD_ENABLE_SINGUP", "ENABLE_SIGNUP"),
            ("ROSTERD_LIMITS_BODY_BYTES", "ROSTERD_MAX_BODY_BYTES"),
            ("rosterd_log_format", "ROSTERD_LOG_FORMAT"),
            ("ROSTERD_CONFG", "ROSTERD_CONFIG"),
        ] {
            assert_eq!(nearest(name).as_deref(), Some(meant), "{name}");
        }
        assert_eq!(nearest("ROSTERD_QQQQ"), None);
    }

    #[test]
    fn keys_are_found_in_their_table_in_others_and_by_variable() {
        let nearest = |table: &str, name: &str| key(table, name, &all_settings());
        for (table, name, meant) in [
            ("server", "prot", "server.port"),
            ("", "sever", "server"),
            ("permissions", "chats", "permissions.chat"),
            ("permissions.chat", "deletes", "permissions.chat.delete"),
            ("server", "bcrypt_cost", "passwords.bcrypt_cost"),
            ("", "DATABASE_URL", "database.url"),
        ] {
            assert_eq!(nearest(table, name).as_deref(), Some(meant), "{table} {name}");
        }
        assert_eq!(nearest("server", "qqqq"), None);
    }
}
