//! `rosterd permissions why`: what gives an account each of its rights (rule M32).

use std::collections::HashMap;

use clap::Args;
use rosterd_app::{Act, App, Caller, permissions};
use rosterd_domain::group::Membership;
use rosterd_domain::ids::GroupId;
use rosterd_domain::permissions::{
    ExplainedGroup, ExplainedPermissions, ExplainedRight, OPEN_WEBUI_0_12, Rights, TemplateSays,
};
use rosterd_domain::text::nearest_few;
use serde_json::{Value, json};

use crate::cli::output::{ListFormat, Output, plain};
use crate::cli::{CliError, find};

/// How many names are told in place of one that is not known.
const FEW: usize = 3;

/// The columns of a table of values: keys of the JSON.
const COLUMNS: [&str; 5] = ["right", "known", "holds", "by_role", "why"];

#[derive(Debug, Args)]
pub(in crate::cli) struct WhyArgs {
    /// E-mail address or id of the account
    user: String,
    /// A right, such as chat.delete [default: all]
    #[arg(value_name = "SECTION.KEY")]
    right: Option<String>,
    /// How to print the list [default: a table at a terminal, else lines with tabs between their columns]
    #[arg(long, value_enum)]
    format: Option<ListFormat>,
}

pub(super) async fn run(app: &App, args: WhyArgs, output: Output) -> Result<(), CliError> {
    let format = output.list_format(args.format)?;
    let work = move |act: &mut Act<'_>| {
        let id = find::user(act.read(), &args.user)?.id;
        Ok::<_, CliError>(permissions::explain(act, &id)?)
    };
    let mut explained = app.scan(Caller::operator(), work).await?;
    if let Some(name) = &args.right {
        if !explained.rights.iter().any(|right| right.right == *name) {
            return Err(unknown(name, &explained, Rights::of(app.dialect())));
        }
        explained.rights.retain(|right| right.right == *name);
    }
    let groups: Groups<'_> = explained.groups.iter().map(|group| (&group.id, group)).collect();
    let mut rows = output.rows_in(format, &["RIGHT", "HOLDS", "WHY"], &COLUMNS)?;
    for right in &explained.rights {
        let why = why(right, &groups);
        rows.row(&json_of(right, &groups, &why), || {
            let holds = if right.holds { "yes" } else { "no" };
            vec![plain(&right.right), holds.to_owned(), plain(&why)]
        })?;
    }
    rows.finish()
}

/// The groups that count for the account.
type Groups<'a> = HashMap<&'a GroupId, &'a ExplainedGroup>;

/// The error for a right that is not among them, with those that were probably meant.
fn unknown(name: &str, explained: &ExplainedPermissions, rights: &'static Rights) -> CliError {
    let (section, key) = name.split_once('.').unwrap_or((name, ""));
    if OPEN_WEBUI_0_12.builtin().get(section, key).is_some() {
        return CliError::Failure(format!("Open WebUI 0.6, whose database this is, has no right {name}"));
    }
    let names = explained.rights.iter().map(|right| (right.right.as_str(), right.right.as_str()));
    let mut near: Vec<String> = rights.nearest(section, key).into_iter().collect();
    for other in nearest_few(name, names, FEW) {
        if near.len() < FEW && near.iter().all(|known| known != other) {
            near.push(other.to_owned());
        }
    }
    let meant = match near.as_slice() {
        [] => String::new(),
        [one] => format!(" (the nearest name is {one})"),
        several => format!(" (the nearest names are {})", several.join(", ")),
    };
    CliError::Failure(format!(
        "there is no such right: {name}{meant}; `rosterd permissions why USER` lists all of an account"
    ))
}

/// What gives a right, and where nothing does, what the template says.
fn why(right: &ExplainedRight, groups: &Groups<'_>) -> String {
    let mut reasons = Vec::new();
    if right.by_role {
        reasons.push("admins hold it by their role".to_owned());
    }
    match right.template {
        Some(TemplateSays { gives: true, stored }) => {
            reasons.push(format!("{} gives it", template(stored)));
        }
        Some(TemplateSays { gives: false, stored }) if !right.holds => {
            reasons.push(format!("{} does not give it", template(stored)));
        }
        None if !right.holds => reasons.push("neither the template nor a group gives it".to_owned()),
        Some(_) | None => {}
    }
    let named =
        |id: &GroupId| groups.get(id).map_or_else(|| format!("group {id}"), |group| name(group, groups));
    reasons.extend(right.groups.iter().map(named));
    reasons.extend(right.withheld_by.iter().map(|id| format!("{} withholds it", named(id))));
    reasons.join("; ")
}

fn template(stored: bool) -> &'static str {
    if stored { "the template" } else { "the configured default" }
}

/// `group Company (through Tools, Sales)`.
fn name(group: &ExplainedGroup, groups: &Groups<'_>) -> String {
    let of = |id: &GroupId| groups.get(id).map_or_else(|| id.to_string(), |own| own.name.clone());
    let through: Vec<String> = group.through.iter().map(of).collect();
    let through = through.join(", ");
    match (through.as_str(), group.membership) {
        ("", _) => format!("group {}", group.name),
        (through, Membership::Inherited) => format!("group {} (through {through})", group.name),
        (through, Membership::Direct) => {
            format!("group {} (as a member, and through {through})", group.name)
        }
    }
}

/// A right with its groups in whole.
fn json_of(right: &ExplainedRight, groups: &Groups<'_>, why: &str) -> Value {
    let named = |id: &GroupId| json!({ "id": id, "name": groups.get(id).map(|group| &group.name) });
    let whole = |id: &GroupId| {
        let mut json = named(id);
        if let Some(group) = groups.get(id) {
            json["membership"] = json!(group.membership);
            json["through"] = group.through.iter().map(named).collect();
        }
        json
    };
    json!({
        "right": right.right,
        "known": right.known,
        "holds": right.holds,
        "by_role": right.by_role,
        "template": right.template,
        "groups": right.groups.iter().map(whole).collect::<Vec<_>>(),
        "withheld_by": right.withheld_by.iter().map(whole).collect::<Vec<_>>(),
        "why": why,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(id: &str, membership: Membership, through: &[&str]) -> ExplainedGroup {
        let id_of = |id: &str| GroupId::from_stored(id.to_owned());
        ExplainedGroup {
            id: id_of(id),
            name: id.to_uppercase(),
            membership,
            parent_group_id: None,
            through: through.iter().copied().map(id_of).collect(),
        }
    }

    #[test]
    fn m32_a_sentence_names_every_source() {
        let all = [
            group("own", Membership::Direct, &[]),
            group("both", Membership::Direct, &["own"]),
            group("above", Membership::Inherited, &["own", "both"]),
        ];
        let groups: Groups<'_> = all.iter().map(|group| (&group.id, group)).collect();
        let ids = || all.iter().map(|group| group.id.clone()).collect();
        let none = ExplainedRight {
            right: "chat.delete".to_owned(),
            known: true,
            holds: false,
            by_role: false,
            template: Some(TemplateSays { gives: false, stored: false }),
            groups: Vec::new(),
            withheld_by: Vec::new(),
        };
        assert_eq!(why(&none, &groups), "the configured default does not give it");
        let unknown = ExplainedRight { template: None, ..none.clone() };
        assert_eq!(why(&unknown, &groups), "neither the template nor a group gives it");
        let template = Some(TemplateSays { gives: true, stored: true });
        let held = ExplainedRight { holds: true, by_role: true, template, groups: ids(), ..none.clone() };
        assert_eq!(
            why(&held, &groups),
            "admins hold it by their role; the template gives it; group OWN; group BOTH (as a member, and through OWN); group \
             ABOVE (through OWN, BOTH)"
        );
        let withheld = ExplainedRight { template, withheld_by: vec![all[0].id.clone()], ..none };
        assert_eq!(why(&withheld, &groups), "the template gives it; group OWN withholds it");
    }
}
