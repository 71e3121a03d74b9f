//! The table of settings agrees with what is read, with `--help` and with docs/CONFIGURATION.md.

use std::collections::BTreeSet;

use super::*;

fn document() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/CONFIGURATION.md"))
        .unwrap()
}

#[test]
fn the_table_of_settings_is_what_is_read() {
    let config = load(&[]).unwrap();
    let read: Vec<_> = config.effective.iter().map(|entry| entry.setting.key.clone()).collect();
    let listed: Vec<_> = all_settings().into_iter().map(|setting| setting.key).collect();
    assert_eq!(read, listed);
}

#[test]
fn no_two_settings_share_a_key_or_a_variable() {
    let all = all_settings();
    let keys: BTreeSet<_> = all.iter().map(|setting| &setting.key).collect();
    assert_eq!(keys.len(), all.len());
    let variables: Vec<_> = all.iter().flat_map(Setting::variables).collect();
    assert_eq!(variables.iter().collect::<BTreeSet<_>>().len(), variables.len());
}

#[test]
fn help_names_every_variable_and_default() {
    let help = crate::cli::command().render_long_help().to_string();
    for setting in all_settings() {
        for variable in setting.variables() {
            assert!(help.contains(variable), "{variable}");
        }
        let default = if setting.default.is_empty() { "none" } else { &setting.default };
        assert!(help.contains(&format!("{}  [{default}]", setting.variable)), "{}", setting.variable);
    }
    assert!(help.contains(CONFIG_VARIABLE) && help.contains("Exit codes"));
}

#[test]
fn docs_configuration_md_has_a_row_for_every_setting() {
    let document = document();
    let rows: Vec<String> = all_settings().iter().map(row).collect();
    let missing: Vec<&String> = rows.iter().filter(|row| !document.contains(row.as_str())).collect();
    assert!(missing.is_empty(), "rows to put into docs/CONFIGURATION.md:\n{missing:#?}");
    assert!(document.contains(CONFIG_VARIABLE));
}

/// A setting as docs/CONFIGURATION.md shows it.
fn row(setting: &Setting) -> String {
    let default = if setting.default.is_empty() { String::new() } else { format!("`{}`", setting.default) };
    let Setting { variable, about, aliases, .. } = setting;
    let name = setting.name();
    if setting.section().starts_with("permissions.") {
        return format!("| `{variable}` | `{name}` | {default} |\n");
    }
    let older = match aliases {
        [] => String::new(),
        names => format!(" Also `{}`.", names.join("`, `")),
    };
    let kind = setting.kind.describe();
    format!("| `{variable}` | `{name}` | {kind} | {default} | {about}{older} |\n")
}

#[test]
fn the_example_in_the_documentation_is_a_configuration() {
    let document = document();
    let example = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    layered(example, &[], &[]).unwrap();
}
