//! `--help`: every setting with its variable and default, and the exit codes, from the table of settings.

use std::fmt::Write as _;

use clap::CommandFactory;

use super::{Cli, examples};
use crate::config::{CONFIG_VARIABLE, Setting, all_settings};

pub(super) const PROGRAM: &str = "rosterd";
const WIDTH: usize = 100;
const INDENT: &str = "      ";

const EXIT_CODES: &str = "\
Exit codes: 0 done; 1 not done; 2 wrong command line; 3 wrong configuration;
4 the database cannot be opened or does not answer; 5 something would change (`rosterd apply`).";

/// The command line with its long help.
#[must_use]
pub fn command() -> clap::Command {
    let settings = settings_help(&all_settings());
    Cli::command()
        .mut_subcommands(|inner| with_endings(inner, PROGRAM))
        .mut_subcommand("serve", |serve| {
            serve.after_long_help(format!("{}{settings}", examples::help("rosterd serve")))
        })
        .after_help(format!(
            "{}`rosterd --help` lists every setting with its variable and default.",
            examples::help(PROGRAM)
        ))
        .after_long_help(format!("{}{settings}", examples::help(PROGRAM)))
}

/// A command and all below it, each with examples and the exit codes at the end of its help. `path` is its name and what stands
/// before it.
fn with_endings(command: clap::Command, path: &str) -> clap::Command {
    let path = format!("{path} {}", command.get_name());
    let ending = format!("{}{EXIT_CODES}", examples::help(&path));
    command.mut_subcommands(|inner| with_endings(inner, &path)).after_help(ending)
}

fn settings_help(settings: &[Setting]) -> String {
    let mut help = format!(
        "A setting is read from the command line (--set NAME=VALUE), else from the environment, else from the TOML\n\
         file (--config or {CONFIG_VARIABLE}). Variable, default, name in the TOML file and meaning, for each table of the file:\n"
    );
    let mut section = "";
    for setting in settings {
        if setting.section() != section {
            section = setting.section();
            // Writing to a String cannot fail.
            let _ = writeln!(help, "\n[{section}]");
        }
        help.push_str(&entry(setting));
    }
    help.push('\n');
    help.push_str(EXIT_CODES);
    help.push('\n');
    help
}

fn entry(setting: &Setting) -> String {
    let default = match setting.default.as_ref() {
        "" => "none",
        text => text,
    };
    let variable = &setting.variable;
    if section_of_permissions(setting) {
        return format!("  {variable}  [{default}]  {}\n", setting.name());
    }
    let mut head = format!("  {variable}  [{default}]  {} ({})", setting.name(), setting.kind.describe());
    if !setting.aliases.is_empty() {
        let _ = write!(head, ", also {}", setting.aliases.join(", "));
    }
    format!("{head}\n{}", wrapped(&setting.about))
}

/// A sentence in lines of at most [`WIDTH`] characters, indented.
fn wrapped(sentence: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in sentence.split(' ') {
        if !line.is_empty() && INDENT.len() + line.len() + 1 + word.len() > WIDTH {
            let _ = writeln!(lines, "{INDENT}{line}");
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    let _ = writeln!(lines, "{INDENT}{line}");
    lines
}

/// Their names say what they are; a sentence each would hide the rest.
fn section_of_permissions(setting: &Setting) -> bool {
    setting.section().starts_with("permissions.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::exit;

    fn add_names(command: &clap::Command, path: &str, names: &mut Vec<String>) {
        for sub in command.get_subcommands() {
            let name = format!("{path} {}", sub.get_name());
            if sub.has_subcommands() {
                add_names(sub, &name, names);
            } else {
                names.push(name);
            }
        }
    }

    #[test]
    fn docs_configuration_md_names_every_command_and_exit_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/CONFIGURATION.md");
        let document = std::fs::read_to_string(path).unwrap();
        let mut names = Vec::new();
        add_names(&command(), "rosterd", &mut names);
        assert!(names.len() > 15, "{names:?}");
        for name in names {
            assert!(document.contains(&format!("`{name}")), "{name}");
        }
        for code in [exit::FAILURE, exit::USAGE, exit::CONFIGURATION, exit::DATABASE, exit::WOULD_CHANGE] {
            assert!(document.contains(&format!("\n| {code} | ")), "{code}");
            assert!(EXIT_CODES.contains(&format!("{code} ")), "{code}");
        }
    }

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }
}
