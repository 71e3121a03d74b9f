//! The examples at the end of every command's `--help`. A test runs each through the command line.

use std::fmt::Write as _;

/// A command as it is typed, and its examples.
const EXAMPLES: &[(&str, &[&str])] = &[
    ("rosterd", &["rosterd", "rosterd --port 9000 --database-url sqlite:////var/lib/rosterd/rosterd.db"]),
    (
        "rosterd serve",
        &["rosterd serve --host 0.0.0.0", "rosterd serve --config /etc/rosterd/rosterd.toml -v"],
    ),
    ("rosterd config", &["rosterd config", "rosterd config --set ENABLE_SIGNUP=false > rosterd.toml"]),
    ("rosterd migrate", &["rosterd migrate", "rosterd migrate --config /etc/rosterd/rosterd.toml"]),
    (
        "rosterd migrate-from",
        &[
            "rosterd migrate-from sqlite:////app/backend/data/webui.db --dry-run",
            "rosterd migrate-from sqlite:////app/backend/data/webui.db",
            "rosterd migrate-from postgresql://webui@db.example.com/webui --schema chat",
            "rosterd migrate-from - < url.txt",
        ],
    ),
    ("rosterd adopt", &["rosterd adopt", "rosterd adopt --apply"]),
    (
        "rosterd backup",
        &[
            "rosterd backup /var/backups/rosterd/monday.db --secret",
            "rosterd backup monday.db.age --recipient age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
        ],
    ),
    (
        "rosterd restore",
        &[
            "rosterd restore /var/backups/rosterd/monday.db --secret",
            "rosterd restore monday.db.age --identity key.txt --keep-sessions",
        ],
    ),
    (
        "rosterd user",
        &[
            "rosterd user create --admin --email ada@example.com --name Ada",
            "rosterd user list --query example.com",
        ],
    ),
    (
        "rosterd user create",
        &[
            "rosterd user create --admin --email ada@example.com --name Ada",
            "rosterd user create --email bob@example.com --name Bob --password-stdin < password.txt",
        ],
    ),
    (
        "rosterd user invite",
        &[
            "rosterd user invite bob@example.com --name Bob",
            "rosterd user invite eve@example.com --name Eve --role admin --group Tools --expires-in 2d --json",
        ],
    ),
    (
        "rosterd user list",
        &[
            "rosterd user list --query example.com --limit 20",
            "rosterd user list --order-by name --direction asc",
            "rosterd user list --inactive-since 90d",
            "rosterd user list --status suspended --json",
            "rosterd user list --role pending --group Tools --format csv > pending.csv",
        ],
    ),
    ("rosterd user show", &["rosterd user show bob@example.com", "rosterd user show bob@example.com --json"]),
    (
        "rosterd user set",
        &[
            "rosterd user set bob@example.com --name 'Bob Stone'",
            "rosterd user set bob@example.com --email robert@example.com --picture /user.png",
        ],
    ),
    ("rosterd user set-role", &["rosterd user set-role bob@example.com admin"]),
    ("rosterd user make-primary", &["rosterd user make-primary eve@example.com"]),
    (
        "rosterd user set-password",
        &[
            "rosterd user set-password bob@example.com",
            "rosterd user set-password bob@example.com --revoke-keys --password-stdin < password.txt",
        ],
    ),
    ("rosterd user keys", &["rosterd user keys bob@example.com", "rosterd user keys bob@example.com --json"]),
    ("rosterd user sessions", &["rosterd user sessions bob@example.com"]),
    (
        "rosterd user revoke",
        &["rosterd user revoke bob@example.com", "rosterd user revoke bob@example.com --keys"],
    ),
    (
        "rosterd user reset-link",
        &[
            "rosterd user reset-link bob@example.com",
            "rosterd user reset-link bob@example.com --expires-in 1h --json",
        ],
    ),
    (
        "rosterd user suspend",
        &[
            "rosterd user suspend bob@example.com --reason 'On leave' --until 2030-01-07",
            "rosterd user suspend bob@example.com --for 14d",
        ],
    ),
    ("rosterd user resume", &["rosterd user resume bob@example.com"]),
    (
        "rosterd user delete",
        &[
            "rosterd user delete bob@example.com",
            "rosterd user delete bob@example.com --purge --yes --events",
        ],
    ),
    ("rosterd user deleted", &["rosterd user deleted list", "rosterd user deleted restore bob@example.com"]),
    ("rosterd user deleted list", &["rosterd user deleted list", "rosterd user deleted list --json"]),
    ("rosterd user deleted restore", &["rosterd user deleted restore bob@example.com"]),
    ("rosterd user deleted purge", &["rosterd user deleted purge bob@example.com --yes"]),
    (
        "rosterd group",
        &[
            "rosterd group create Tools --description 'May use tools'",
            "rosterd group add Tools bob@example.com",
        ],
    ),
    ("rosterd group list", &["rosterd group list", "rosterd group list --json"]),
    ("rosterd group show", &["rosterd group show Tools"]),
    (
        "rosterd group create",
        &[
            "rosterd group create Tools --permission features.direct_tool_servers=true --owner ada@example.com",
        ],
    ),
    (
        "rosterd group set",
        &[
            "rosterd group set Tools --name Toolmakers --description 'May make tools'",
            "rosterd group set Tools --parent Staff --permission workspace.tools=true --unset chat.delete",
        ],
    ),
    ("rosterd group add", &["rosterd group add Tools bob@example.com eve@example.com"]),
    ("rosterd group remove", &["rosterd group remove Tools bob@example.com"]),
    ("rosterd group delete", &["rosterd group delete Tools"]),
    (
        "rosterd import",
        &[
            "rosterd import people.csv",
            "rosterd import people.csv --apply --create-groups",
            "rosterd import --format ndjson --apply --allow-admins - < roster.ndjson",
            "rosterd import staff.json --from keycloak --create-groups --apply",
            "rosterd import users.json --firebase-key hash-parameters.txt",
        ],
    ),
    (
        "rosterd export",
        &[
            "rosterd export > people.csv",
            "rosterd export --fields name,email,password_hash > people.csv",
            "rosterd export --format ndjson > roster.ndjson",
        ],
    ),
    (
        "rosterd permissions",
        &["rosterd permissions show", "rosterd permissions set features.notes=false chat.delete=false"],
    ),
    (
        "rosterd permissions show",
        &["rosterd permissions show", "rosterd permissions show --user bob@example.com"],
    ),
    (
        "rosterd permissions why",
        &[
            "rosterd permissions why bob@example.com",
            "rosterd permissions why bob@example.com features.api_keys",
            "rosterd permissions why bob@example.com --format csv > rights.csv",
        ],
    ),
    ("rosterd permissions set", &["rosterd permissions set features.notes=false chat.delete=false"]),
    (
        "rosterd settings",
        &["rosterd settings get", "rosterd settings set ENABLE_SIGNUP=false DEFAULT_USER_ROLE=user"],
    ),
    (
        "rosterd settings get",
        &["rosterd settings get", "rosterd settings get ENABLE_SIGNUP JWT_EXPIRES_IN --json"],
    ),
    (
        "rosterd settings set",
        &[
            "rosterd settings set ENABLE_SIGNUP=false DEFAULT_USER_ROLE=user",
            "rosterd settings set 'DEFAULT_INTERFACE_SETTINGS={\"theme\": \"dark\"}'",
        ],
    ),
    (
        "rosterd apply",
        &[
            "rosterd apply roster.toml",
            "rosterd apply roster.yaml --prune --apply",
            "rosterd apply --schema > roster.schema.json",
        ],
    ),
    ("rosterd dump", &["rosterd dump > roster.toml", "rosterd dump --format yaml > roster.yaml"]),
    ("rosterd audit", &["rosterd audit list --action 'user.*'", "rosterd audit verify"]),
    (
        "rosterd audit list",
        &[
            "rosterd audit list --action 'user.*' --from 2026-11-26",
            "rosterd audit list --subject 6f1c0a52-8c2f-4a4e-b0a1-2f1f0d9a7c11 --json",
        ],
    ),
    (
        "rosterd audit export",
        &["rosterd audit export > events.jsonl", "rosterd audit export --after 1200 --ocsf > events.jsonl"],
    ),
    ("rosterd audit verify", &["rosterd audit verify", "rosterd audit verify --json"]),
    ("rosterd audit head", &["rosterd audit head > head.txt"]),
    ("rosterd audit erase", &["rosterd audit erase bob@example.com"]),
    (
        "rosterd webhook",
        &["rosterd webhook create https://example.com/hook --event 'user.*'", "rosterd webhook list"],
    ),
    ("rosterd webhook list", &["rosterd webhook list", "rosterd webhook list --json"]),
    (
        "rosterd webhook create",
        &[
            "rosterd webhook create https://example.com/hook --event 'user.*' --event 'group.*'",
            "rosterd webhook create https://example.com/hook --event '*' --description 'Billing'",
        ],
    ),
    (
        "rosterd webhook update",
        &[
            "rosterd webhook update 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10 --event 'user.*'",
            "rosterd webhook update 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10 --enable",
        ],
    ),
    ("rosterd webhook delete", &["rosterd webhook delete 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10"]),
    ("rosterd webhook test", &["rosterd webhook test 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10"]),
    ("rosterd webhook rotate", &["rosterd webhook rotate 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10 --overlap 1h"]),
    (
        "rosterd webhook deliveries",
        &[
            "rosterd webhook deliveries 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10 --limit 20",
            "rosterd webhook deliveries 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10 --state failed",
        ],
    ),
    (
        "rosterd webhook retry",
        &["rosterd webhook retry 0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10 01977420-dc00-7000-8000-000000000001"],
    ),
    ("rosterd scim", &["rosterd scim create 'Entra ID'", "rosterd scim list"]),
    ("rosterd scim list", &["rosterd scim list", "rosterd scim list --json"]),
    (
        "rosterd scim create",
        &[
            "rosterd scim create 'Entra ID'",
            "rosterd scim create Okta --takes-passwords --group-rule existing --default-role pending",
        ],
    ),
    (
        "rosterd scim change",
        &["rosterd scim change Okta --takes-passwords false", "rosterd scim change Okta --name 'Okta (old)'"],
    ),
    ("rosterd scim rotate", &["rosterd scim rotate 'Entra ID'", "rosterd scim rotate Okta --overlap 0"]),
    ("rosterd scim delete", &["rosterd scim delete Okta"]),
    ("rosterd scim linkable", &["rosterd scim linkable 'Entra ID'"]),
    ("rosterd mail", &["rosterd mail test ada@example.com", "rosterd mail list --state failed"]),
    ("rosterd mail test", &["rosterd mail test ada@example.com"]),
    ("rosterd mail list", &["rosterd mail list --limit 20", "rosterd mail list --state failed --json"]),
    ("rosterd mail retry", &["rosterd mail retry 01977420-dc00-7000-8000-000000000001"]),
    ("rosterd token", &["rosterd token ada@example.com --expires-in 1h"]),
    ("rosterd health", &["rosterd health", "rosterd health http://127.0.0.1:8080 --timeout 2s"]),
    (
        "rosterd completions",
        &[
            "rosterd completions bash > /usr/share/bash-completion/completions/rosterd",
            "rosterd completions zsh > /usr/local/share/zsh/site-functions/_rosterd",
        ],
    ),
    ("rosterd man", &["rosterd man > rosterd.1", "rosterd man --folder /usr/local/share/man/man1"]),
    ("rosterd version", &["rosterd version --json"]),
];

/// The examples of a command for the end of its help, with an empty line after them; nothing for a command without.
pub(super) fn help(path: &str) -> String {
    let mut help = String::new();
    for (_, examples) in EXAMPLES.iter().filter(|(command, _)| *command == path) {
        help.push_str("Examples:\n");
        for example in *examples {
            // Writing to a String cannot fail.
            let _ = writeln!(help, "  {example}");
        }
        help.push('\n');
    }
    help
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::command;

    /// The words of an example up to what the shell does itself; a quoted text is one word.
    fn words(example: &str) -> Vec<String> {
        let unquoted = example.split('\'').enumerate();
        unquoted
            .flat_map(|(part, text)| match part % 2 {
                0 => text.split_whitespace().map(str::to_owned).collect(),
                _ => vec![text.to_owned()],
            })
            .take_while(|word| !["<", ">", "|"].contains(&word.as_str()))
            .collect()
    }

    fn add_paths(command: &clap::Command, before: &str, paths: &mut Vec<String>) {
        let path = format!("{before}{}", command.get_name());
        for inner in command.get_subcommands() {
            add_paths(inner, &format!("{path} "), paths);
        }
        paths.push(path);
    }

    #[test]
    fn every_command_has_examples_that_it_understands() {
        let mut paths = Vec::new();
        add_paths(&command(), "", &mut paths);
        let mut listed: Vec<&str> = EXAMPLES.iter().map(|(path, _)| *path).collect();
        listed.sort_unstable();
        paths.sort_unstable();
        assert_eq!(listed, paths);
        for (path, examples) in EXAMPLES {
            assert!(!examples.is_empty(), "{path}");
            for example in *examples {
                assert!(example.starts_with(path), "{path}: {example}");
                let parsed = command().try_get_matches_from(words(example));
                assert!(parsed.is_ok(), "{example}: {:?}", parsed.err());
            }
        }
    }
}
