//! Commands in the running text: each of them is one that the program understands, and those of the first pages are run.

use clap::error::ErrorKind;
use rosterd::cli::command;

use super::steps::Machine;
use super::{Document, document, documents, root};
use crate::place::PASSWORD;

/// The commands of rosterd between backticks, outside of blocks of code.
fn commands(page: &Document) -> Vec<String> {
    let prose: Vec<&str> = page.prose().collect();
    let spans = prose.join(" ");
    let spans = spans.split('`').skip(1).step_by(2);
    spans.filter(|span| span.starts_with("rosterd ")).map(str::to_owned).collect()
}

/// Why a command is none. That the text leaves something out, such as whose account, is no fault. What may be left out stands in
/// brackets, and of what may be chosen the first is taken.
fn fault(words: &str) -> Option<String> {
    let plain = words.replace(['[', ']'], "");
    let words = plain.split_whitespace().filter(|word| !["…", "\\|", "COMMAND"].contains(word));
    let words = words.map(|word| word.split(['\\', '|']).next().unwrap_or(word));
    let error = command().try_get_matches_from(words).err()?;
    let is_unknown = matches!(error.kind(), ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument);
    is_unknown.then(|| error.to_string())
}

#[test]
fn every_command_in_the_text_is_understood() {
    let mut faults = Vec::new();
    let mut count = 0;
    for page in documents() {
        for words in commands(&page) {
            count += 1;
            faults.extend(fault(&words).map(|why| format!("{}: `{words}`: {why}", page.name)));
        }
    }
    assert!(count > 50, "only {count} commands were found");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_command_that_is_none_is_found() {
    for wrong in ["rosterd frobnicate", "rosterd user invent", "rosterd user list --colour"] {
        assert!(fault(wrong).is_some(), "{wrong}");
    }
    for right in [
        "rosterd token",
        "rosterd user create --admin",
        "rosterd backup FILE [--secret] [--recipient RECIPIENT …]",
        "rosterd --help",
    ] {
        assert_eq!(fault(right), None);
    }
    let page = |text: &str| Document { name: String::new(), text: text.to_owned() };
    assert_eq!(
        commands(&page("Use `rosterd\nhealth` or `x`.\n```sh\nrosterd user\n```\n")),
        ["rosterd health"]
    );
}

/// What becomes of a command in the text of a page.
enum Fate {
    /// It is run as it stands.
    Run,
    /// It is run with what it would ask for.
    RunWith(&'static str),
    /// It is run on a database of Open WebUI.
    RunAttached,
    /// A block of a page has all of it, and is run.
    Block,
}

/// Every command in the text of the pages for whoever begins with rosterd, and whoever runs it.
const FATES: [(&str, Fate); 22] = [
    ("rosterd --help", Fate::Run),
    ("rosterd adopt --apply", Fate::RunAttached),
    ("rosterd apply", Fate::Block),
    ("rosterd backup before-upgrade.db --secret", Fate::Run),
    ("rosterd completions zsh", Fate::Run),
    ("rosterd config", Fate::Run),
    ("rosterd dump", Fate::Run),
    ("rosterd health", Fate::Block),
    ("rosterd help user create", Fate::Run),
    ("rosterd migrate", Fate::Run),
    ("rosterd permissions why USER features.api_keys", Fate::Run),
    ("rosterd restore", Fate::Block),
    ("rosterd restore before-upgrade.db --secret", Fate::Run),
    ("rosterd serve", Fate::Block),
    ("rosterd token", Fate::Block),
    ("rosterd user create --admin", Fate::RunWith("--email new@example.com --name New --password-stdin")),
    ("rosterd user deleted list --json", Fate::Run),
    ("rosterd user revoke USER --keys", Fate::Run),
    ("rosterd user set-password USER --revoke-keys", Fate::RunWith("--password-stdin")),
    ("rosterd user set-password ada@example.com", Fate::RunWith("--password-stdin")),
    ("rosterd user show USER", Fate::Run),
    ("rosterd version", Fate::Run),
];

const PAGES: [&str; 5] =
    ["README.md", "docs/INSTALL.md", "docs/DEPLOY.md", "docs/OPERATIONS.md", "docs/UPGRADING.md"];

#[test]
fn the_commands_in_the_text_of_the_first_pages_are_run() {
    let machine = Machine::new();
    let theirs = root().join("crates/testkit/fixtures/webui-0.12.4.sqlite");
    std::fs::copy(theirs, machine.place.path("webui.db")).unwrap();
    machine.run_text("rosterd user create --email ada@example.com --name Ada --password-stdin", PASSWORD);
    machine.run_text("rosterd token ada@example.com", "");
    let mut found: Vec<String> = PAGES.iter().flat_map(|page| commands(&document(page))).collect();
    // A backup comes before its restore.
    found.sort();
    found.dedup();
    for words in &found {
        let fate = FATES.iter().find(|(known, _)| known == words).map(|(_, fate)| fate);
        let (before, after) = match fate.unwrap_or_else(|| panic!("`{words}`: say above whether it is run")) {
            Fate::Run => ("", ""),
            Fate::RunWith(added) => ("", *added),
            Fate::RunAttached => ("DATABASE_URL=sqlite:///webui.db ", ""),
            Fate::Block => continue,
        };
        let whole = format!("{before}{words} {after}").replace("USER", "ada@example.com");
        machine.run_text(&whole, PASSWORD);
    }
    for (known, _) in &FATES {
        assert!(found.iter().any(|words| words == known), "`{known}` is in no text any more");
    }
    // "For other shells": these are named one by one.
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let written = machine.run_text(&format!("rosterd completions {shell}"), "").stdout;
        assert!(written.contains("rosterd"), "{shell}");
    }
}
