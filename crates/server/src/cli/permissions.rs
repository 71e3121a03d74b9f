//! `rosterd permissions`: the default template, and what one account may do.

mod why;

use std::str::FromStr;

use clap::{Args, Subcommand};
use rosterd_app::{Act, App, Caller, permissions};
use rosterd_domain::permissions::OPEN_WEBUI_0_12;
use serde_json::Value;

use super::output::{Output, plain};
use super::{Access, CliError, find};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum PermissionsCommand {
    /// Show the default template, or what an account may do with all its groups
    Show(ShowArgs),
    /// Show of each right of an account, or of one, whether it holds it and what gives it
    Why(why::WhyArgs),
    /// Set rights of the default template; all others stay as they are
    Set(SetArgs),
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// E-mail address or id of the account whose permissions to show
    #[arg(long)]
    user: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// A right and its value, such as features.notes=false
    #[arg(required = true, value_name = "SECTION.KEY=true|false")]
    rights: Vec<RightArg>,
    #[arg(long, help = FORCE_HELP)]
    force: bool,
}

pub(super) const FORCE_HELP: &str = "Also set rights that this server does not know, for a newer front end";

/// A right and a value, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RightArg {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: bool,
}

impl FromStr for RightArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "SECTION.KEY=true or SECTION.KEY=false is needed";
        let (right, value) = text.split_once('=').ok_or(WANTED)?;
        let (section, key) = right.split_once('.').ok_or(WANTED)?;
        let value = value.parse().map_err(|_why| WANTED)?;
        if section.is_empty() || key.is_empty() || key.contains('.') || right.contains('\0') {
            return Err(WANTED);
        }
        Ok(Self { section: section.to_owned(), key: key.to_owned(), value })
    }
}

pub(super) fn run(config: &Config, command: PermissionsCommand, output: Output) -> Result<(), CliError> {
    if let PermissionsCommand::Set(args) = &command {
        ensure_clear(&args.rights, args.force)?;
    }
    let access = match &command {
        PermissionsCommand::Show(_) | PermissionsCommand::Why(_) => Access::Read,
        PermissionsCommand::Set(_) => Access::Change,
    };
    super::with_app(config, access, async |app| match command {
        PermissionsCommand::Show(ShowArgs { user: None }) => show_template(app, output).await,
        PermissionsCommand::Show(ShowArgs { user: Some(name) }) => show_user(app, name, output).await,
        PermissionsCommand::Why(args) => why::run(app, args, output).await,
        PermissionsCommand::Set(args) => set(app, args.rights, output).await,
    })
}

/// Refuses rights that this server does not know, unless `force` lets them pass, and a right with two values.
pub(super) fn ensure_clear(rights: &[RightArg], force: bool) -> Result<(), CliError> {
    ensure_known(rights, force)?;
    let has_other_value = |right: &&RightArg| {
        rights.iter().any(|other| {
            (&other.section, &other.key) == (&right.section, &right.key) && other.value != right.value
        })
    };
    match rights.iter().find(has_other_value) {
        None => Ok(()),
        Some(right) => Err(CliError::Failure(format!(
            "{} is set to true and to false; name it once, with the value that it is to have",
            right.name()
        ))),
    }
}

/// A misspelt right would be stored and never count.
fn ensure_known(rights: &[RightArg], force: bool) -> Result<(), CliError> {
    let unknown: Vec<String> =
        rights.iter().filter(|right| !force && !right.is_known()).map(RightArg::with_nearest).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    Err(CliError::Failure(format!(
        "there is no such right: {}; `rosterd permissions show` lists all, and --force sets a right that only a newer front \
         end knows",
        unknown.join(", ")
    )))
}

impl RightArg {
    fn name(&self) -> String {
        format!("{}.{}", self.section, self.key)
    }

    fn is_known(&self) -> bool {
        OPEN_WEBUI_0_12.builtin().get(&self.section, &self.key).is_some()
    }

    /// The name, and the right that was probably meant.
    fn with_nearest(&self) -> String {
        let name = self.name();
        match OPEN_WEBUI_0_12.nearest(&self.section, &self.key) {
            Some(near) => format!("{name} (the nearest name is {near})"),
            None => name,
        }
    }
}

async fn show_template(app: &App, output: Output) -> Result<(), CliError> {
    let template =
        app.snapshot(Caller::operator(), |act| permissions::whole_template(act.app(), act.read())).await?;
    print(output, serde_json::to_value(template))
}

async fn show_user(app: &App, name: String, output: Output) -> Result<(), CliError> {
    let work = move |act: &mut Act<'_>| {
        let id = find::user(act.read(), &name)?.id;
        Ok::<_, CliError>(permissions::effective(act.app(), act.read(), &id)?)
    };
    let effective = app.snapshot(Caller::operator(), work).await?;
    print(output, serde_json::to_value(effective))
}

async fn set(app: &App, rights: Vec<RightArg>, output: Output) -> Result<(), CliError> {
    let changes: Vec<_> = rights.into_iter().map(|right| (right.section, right.key, right.value)).collect();
    let template =
        app.write(Caller::operator(), move |act| permissions::change_template(act, &changes)).await?;
    print(output, serde_json::to_value(template))
}

fn print(output: Output, permissions: Result<Value, serde_json::Error>) -> Result<(), CliError> {
    let permissions = permissions.map_err(CliError::Json)?;
    output.print(&permissions, || {
        let mut lines = Vec::new();
        add_lines(&permissions, "", &mut lines);
        lines.join("\n")
    })
}

/// One line a right, in the form that `set` takes.
fn add_lines(node: &Value, path: &str, lines: &mut Vec<String>) {
    match node {
        Value::Object(entries) => {
            for (key, inner) in entries {
                let separator = if path.is_empty() { "" } else { "." };
                add_lines(inner, &format!("{path}{separator}{}", plain(key)), lines);
            }
        }
        value => lines.push(format!("{path}={value}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_show_prints_is_what_set_takes() {
        let mut lines = Vec::new();
        let permissions = serde_json::json!({ "chat": { "delete": true, "edit": false }, "zoo": {} });
        add_lines(&permissions, "", &mut lines);
        assert_eq!(lines, ["chat.delete=true", "chat.edit=false"]);
        assert!(lines.iter().all(|line| line.parse::<RightArg>().is_ok()));
    }

    #[test]
    fn rights_that_are_not_known_are_refused_with_the_nearest() {
        let refused = |texts: &[&str], force| {
            let rights: Vec<RightArg> = texts.iter().map(|text| text.parse().unwrap()).collect();
            ensure_known(&rights, force).err().map(|error| error.sentence())
        };
        assert_eq!(refused(&["chat.delete=true", "features.notes=false"], false), None);
        let sentence = refused(&["chat.delte=true", "chat.notes=true", "zoo.fly=true"], false).unwrap();
        for part in ["no such right", "chat.delte (the nearest name is chat.delete)", "zoo.fly;", "--force"] {
            assert!(sentence.contains(part), "{part}: {sentence}");
        }
        assert!(sentence.contains("chat.notes (the nearest name is sharing.notes)"), "{sentence}");
        assert_eq!(refused(&["zoo.fly=true"], true), None);
    }

    #[test]
    fn a_right_with_two_values_is_refused() {
        let refused = |texts: &[&str]| {
            let rights: Vec<RightArg> = texts.iter().map(|text| text.parse().unwrap()).collect();
            ensure_clear(&rights, false).err().map(|error| error.sentence())
        };
        assert_eq!(refused(&["chat.delete=true", "features.notes=false", "chat.delete=true"]), None);
        let sentence = refused(&["chat.delete=true", "chat.edit=true", "chat.delete=false"]).unwrap();
        assert!(sentence.contains("chat.delete is set to true and to false"), "{sentence}");
    }

    #[test]
    fn a_right_is_a_section_a_key_and_a_value() {
        let right = RightArg { section: "chat".to_owned(), key: "delete".to_owned(), value: false };
        assert_eq!("chat.delete=false".parse(), Ok(right));
        for text in
            ["", "chat", "chat.delete", "chat=true", "chat.delete=yes", ".a=true", "a.=true", "a.b.c=true"]
        {
            assert!(text.parse::<RightArg>().is_err(), "{text}");
        }
    }
}
