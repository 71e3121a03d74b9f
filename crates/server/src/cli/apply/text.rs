//! A plan for people: a line for each thing that changes, with `+`, `-` and `~` in front.

use std::fmt;

use rosterd_domain::roster::{GroupChange, GroupMade, GroupRef, Plan, RightChange, SettingChange, Step};
use serde_json::Value;

use super::super::output::plain;

/// Characters of a value that are shown.
const SHOWN: usize = 60;

/// What a line says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Gone,
    Changed,
}

impl Kind {
    fn sign(self) -> char {
        match self {
            Self::New => '+',
            Self::Gone => '-',
            Self::Changed => '~',
        }
    }

    /// The number of its colour on terminals: green, red, yellow.
    fn colour(self) -> u8 {
        match self {
            Self::New => 32,
            Self::Gone => 31,
            Self::Changed => 33,
        }
    }
}

/// The lines, and a sentence at the end.
pub(super) fn of(plan: &Plan, applied: bool, in_colour: bool) -> String {
    let mut page = Page { lines: Vec::new(), in_colour };
    plan.steps.iter().for_each(|step| page.add_step(step));
    page.lines.push(sentence(plan, applied));
    page.lines.join("\n")
}

fn sentence(plan: &Plan, applied: bool) -> String {
    let count = |wanted: fn(&Step) -> bool| plan.steps.iter().filter(|step| wanted(step)).count();
    let groups = |count: usize, what: &str| {
        (count > 0).then(|| format!("{count} {} {what}", if count == 1 { "group" } else { "groups" }))
    };
    let parts = [
        groups(count(|step| matches!(step, Step::CreateGroup(_))), "created"),
        groups(count(|step| matches!(step, Step::ChangeGroup(_))), "changed"),
        groups(count(|step| matches!(step, Step::DeleteGroup { .. })), "deleted"),
        (count(|step| matches!(step, Step::ChangePermissions { .. })) > 0)
            .then(|| "default permissions changed".to_owned()),
        (count(|step| matches!(step, Step::ChangeSettings { .. })) > 0)
            .then(|| "settings changed".to_owned()),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    match (parts.is_empty(), applied) {
        (true, _) => "Everything is as declared.".to_owned(),
        (false, true) => format!("Done: {}.", parts.join(", ")),
        (false, false) => format!("Would be done: {}. Nothing was changed.", parts.join(", ")),
    }
}

struct Page {
    lines: Vec<String>,
    in_colour: bool,
}

impl Page {
    fn add(&mut self, depth: usize, kind: Kind, text: impl fmt::Display) {
        let line = format!("{}{} {text}", "    ".repeat(depth), kind.sign());
        self.lines.push(if self.in_colour {
            format!("\u{1b}[{}m{line}\u{1b}[0m", kind.colour())
        } else {
            line
        });
    }

    fn add_step(&mut self, step: &Step) {
        match step {
            Step::CreateGroup(made) => self.add_made(made),
            Step::ChangeGroup(change) => self.add_change(change),
            Step::DeleteGroup { name, members, .. } => {
                let members = match members {
                    1 => "1 member".to_owned(),
                    count => format!("{count} members"),
                };
                self.add(0, Kind::Gone, format!("group {} ({members})", shown_name(name)));
            }
            Step::ChangePermissions { rights } => {
                self.add(0, Kind::Changed, "default permissions");
                self.add_rights("", rights);
            }
            Step::ChangeSettings { settings } => {
                self.add(0, Kind::Changed, "settings");
                for change in settings {
                    self.add_setting(change);
                }
            }
        }
    }

    fn add_made(&mut self, made: &GroupMade) {
        self.add(0, Kind::New, format!("group {}", shown_name(&made.name)));
        if !made.description.is_empty() {
            self.add(1, Kind::New, format!("description: {}", shown(&made.description.as_str().into())));
        }
        if let Some(parent) = &made.parent {
            self.add(1, Kind::New, format!("parent: {}", shown_name(&parent.name)));
        }
        for (right, on) in &made.rights {
            self.add(1, Kind::New, format!("right {}: {on}", plain(&right.to_string())));
        }
        for member in &made.members {
            self.add(1, Kind::New, format!("member {}", plain(&member.name)));
        }
    }

    fn add_change(&mut self, change: &GroupChange) {
        self.add(0, Kind::Changed, format!("group {}", shown_name(&change.name)));
        if let Some(rename) = &change.rename {
            let (before, after) = (shown_name(&rename.before), shown_name(&rename.after));
            self.add(1, Kind::Changed, format!("name: {before} → {after}"));
        }
        if let Some(description) = &change.description {
            let of = |text: &str| shown(&text.into());
            let (before, after) = (of(&description.before), of(&description.after));
            self.add(1, Kind::Changed, format!("description: {before} → {after}"));
        }
        if let Some(parent) = &change.parent {
            let of = |parent: &Option<GroupRef>| {
                parent.as_ref().map_or_else(|| "none".to_owned(), |parent| shown_name(&parent.name))
            };
            self.add(1, Kind::Changed, format!("parent: {} → {}", of(&parent.before), of(&parent.after)));
        }
        self.add_rights("right ", &change.rights);
        for member in &change.added {
            self.add(1, Kind::New, format!("member {}", plain(&member.name)));
        }
        for member in &change.removed {
            self.add(1, Kind::Gone, format!("member {}", plain(&member.name)));
        }
    }

    fn add_rights(&mut self, what: &str, rights: &[RightChange]) {
        for RightChange { right, before, after } in rights {
            let right = plain(&right.to_string());
            match (before, after) {
                (Some(before), Some(after)) => {
                    self.add(1, Kind::Changed, format!("{what}{right}: {before} → {after}"));
                }
                (None, Some(after)) => self.add(1, Kind::New, format!("{what}{right}: {after}")),
                (_, None) => self.add(1, Kind::Gone, format!("{what}{right}")),
            }
        }
    }

    fn add_setting(&mut self, change: &SettingChange) {
        let (before, after) = (shown(&change.before), shown(&change.after));
        self.add(1, Kind::Changed, format!("{}: {before} → {after}", change.name));
    }
}

/// A name as it is, unless it would be mistaken for something else.
fn shown_name(name: &str) -> String {
    if name.is_empty() || name.trim() != name { shown(&name.into()) } else { plain(name) }
}

/// A value as JSON, cut where it is long.
fn shown(value: &Value) -> String {
    let text = plain(&value.to_string());
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use rosterd_domain::ids::{GroupId, UserId};
    use rosterd_domain::roster::{Change, MemberRef, RightPath};
    use serde_json::json;

    use super::*;

    fn plan() -> Plan {
        let member =
            |name: &str| MemberRef { id: UserId::from_stored(name.to_owned()), name: name.to_owned() };
        let parent = GroupRef { id: None, name: "All".to_owned() };
        let right = |before, after| RightChange { right: RightPath::new(&["chat", "edit"]), before, after };
        let mut change = GroupChange::none(GroupId::from_stored("g".to_owned()), "Ops\u{1b}".to_owned());
        change.parent = Some(Change { before: None, after: Some(parent.clone()) });
        change.description = Some(Change { before: String::new(), after: "x".repeat(100) });
        change.rights =
            vec![right(None, Some(true)), right(Some(true), None), right(Some(true), Some(false))];
        (change.added, change.removed) = (vec![member("ada@example.com")], vec![member("eve@example.com")]);
        let made = GroupMade {
            name: "All".to_owned(),
            description: "Everybody".to_owned(),
            parent: None,
            rights: [(RightPath::new(&["chat", "edit"]), true)].into(),
            members: vec![member("ada@example.com")],
        };
        let setting =
            SettingChange { name: "ENABLE_SIGNUP", before: json!(true), after: json!(false), group: None };
        Plan {
            steps: vec![
                Step::CreateGroup(made),
                Step::ChangeGroup(change),
                Step::DeleteGroup {
                    id: GroupId::from_stored("o".into()),
                    name: "Old".to_owned(),
                    members: 1,
                },
                Step::ChangePermissions { rights: vec![right(Some(true), Some(false))] },
                Step::ChangeSettings { settings: vec![setting] },
            ],
        }
    }

    #[test]
    fn a_plan_has_a_line_for_each_thing_that_changes() {
        let wanted = format!(
            "\
+ group All
    + description: \"Everybody\"
    + right chat.edit: true
    + member ada@example.com
~ group Ops\u{fffd}
    ~ description: \"\" → \"{}…
    ~ parent: none → All
    + right chat.edit: true
    - right chat.edit
    ~ right chat.edit: true → false
    + member ada@example.com
    - member eve@example.com
- group Old (1 member)
~ default permissions
    ~ chat.edit: true → false
~ settings
    ~ ENABLE_SIGNUP: true → false
Would be done: 1 group created, 1 group changed, 1 group deleted, default permissions changed, settings changed. Nothing \
             was changed.",
            "x".repeat(59)
        );
        assert_eq!(of(&plan(), false, false), wanted);
        assert!(of(&plan(), true, false).ends_with("settings changed."));
        assert_eq!(of(&Plan::default(), false, true), "Everything is as declared.");
        let coloured = of(&plan(), false, true);
        assert!(coloured.starts_with("\u{1b}[32m+ group All\u{1b}[0m\n"), "{coloured}");
    }
}
