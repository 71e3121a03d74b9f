//! The steps of INSTALL.md, DEPLOY.md, UPGRADING.md and MIGRATING.md, run as they stand there. Each block of commands says in the comment
//! before it either the name under which a test here runs it, or what it needs that a test does not have.

use std::process::{Child, Command, Stdio};

use rosterd_domain::clock::{Clock as _, SystemClock};
use rosterd_testkit::fixtures::Actors;
use rosterd_testkit::run::block_on;
use rosterd_testkit::token::TokenKind;
use rosterd_testkit::{DbKind, TestDb};

use super::{Block, document, root};
use crate::place::{Outcome, PASSWORD, PROGRAM, Place};

const PAGES: [(&str, &[&str]); 5] = [
    (
        "docs/MIGRATING.md",
        &["look", "carry", "start", "attach again", "to postgresql", "to sqlite", "other systems"],
    ),
    ("docs/INSTALL.md", &["start", "health", "first account", "token", "looking around", "completions"]),
    ("docs/DEPLOY.md", &["checking", "asking", "adopting"]),
    ("docs/UPGRADING.md", &["migrating", "adopting again"]),
    (
        "docs/OPERATIONS.md",
        &[
            "health",
            "backup",
            "restore",
            "shut out",
            "shut out for good",
            "links",
            "deleted by mistake",
            "hand over",
        ],
    ),
];

/// What keeps a test from running a block.
const NEEDS: [&str; 5] = ["network", "root", "systemd", "Docker", "Kubernetes"];

/// Where the pages say that the server listens.
const URL: &str = "http://127.0.0.1:8080";

fn blocks(page: &str) -> Vec<Block> {
    document(page).blocks().into_iter().filter(|block| block.language == "sh").collect()
}

/// The commands that have this name.
fn step(page: &str, name: &str) -> String {
    let mark = format!("run: {name}");
    let block = blocks(page).into_iter().find(|block| block.mark.as_ref() == Some(&mark));
    block.unwrap_or_else(|| panic!("{page} has no step `{name}`")).text
}

/// A folder whose shell finds the program, and a server in it.
pub(super) struct Machine {
    pub(super) place: Place,
    server: Option<Child>,
    /// The port of the server, for every command.
    port: String,
}

impl Machine {
    pub(super) fn new() -> Self {
        Self { place: Place::new(), server: None, port: "8080".to_owned() }
    }

    fn shell(&self, text: &str) -> Command {
        let programs = std::path::Path::new(PROGRAM).parent().unwrap();
        let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
        let mut shell = Command::new("sh");
        shell.args(["-eu", "-c", text]).env_clear().env("PATH", path).env("HOME", self.place.path(""));
        shell.env("ROSTERD_BCRYPT_COST", "4").env("PORT", &self.port).current_dir(self.place.path(""));
        shell
    }

    /// Starts the server by this step, on a free port.
    fn start(&mut self, text: &str) {
        "0".clone_into(&mut self.port);
        let log = self.place.path("log");
        let mut shell = self.shell(&format!("exec {text}"));
        shell.stderr(std::fs::File::create(&log).unwrap()).stdin(Stdio::null()).stdout(Stdio::null());
        let server = self.server.insert(shell.spawn().unwrap());
        let marker = "listening on http://127.0.0.1:";
        loop {
            let lines = std::fs::read_to_string(&log).unwrap();
            if let Some((_, rest)) = lines.split_once(marker)
                && let Some((port, _)) = rest.split_once(|c: char| !c.is_ascii_digit())
            {
                port.clone_into(&mut self.port);
                return;
            }
            assert!(server.try_wait().unwrap().is_none(), "{lines}");
            std::thread::yield_now();
        }
    }

    /// Ends the server in good order.
    fn stop(&mut self) {
        let mut server = self.server.take().unwrap();
        let ended = Command::new("kill").args(["-s", "TERM", &server.id().to_string()]).status().unwrap();
        assert!(ended.success() && server.wait().unwrap().success());
    }

    /// Runs a step to its end, which must be good.
    fn run(&self, page: &str, name: &str) -> Outcome {
        self.run_text(&step(page, name), "")
    }

    pub(super) fn run_text(&self, text: &str, stdin: &str) -> Outcome {
        let text = text.replace(URL, &format!("http://127.0.0.1:{}", self.port));
        std::fs::write(self.place.path("stdin"), stdin).unwrap();
        let mut shell = self.shell(&text);
        shell.stdin(std::fs::File::open(self.place.path("stdin")).unwrap());
        let output = shell.output().unwrap();
        let outcome = Outcome {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        assert_eq!(outcome.code, Some(0), "{text}: {outcome:?}");
        outcome
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(server) = &mut self.server {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}

#[test]
fn every_block_is_run_or_says_why_not() {
    for (page, names) in PAGES {
        let mut run = Vec::new();
        for block in blocks(page) {
            let mark =
                block.mark.as_deref().unwrap_or_else(|| panic!("{page}: no comment before: {}", block.text));
            match (mark.strip_prefix("run: "), mark.strip_prefix("not run: ")) {
                (Some(name), None) => run.push(name.to_owned()),
                (None, Some(why)) => assert!(NEEDS.iter().any(|need| why.contains(need)), "{page}: {mark}"),
                _ => panic!("{page}: {mark}"),
            }
        }
        assert_eq!(run, names, "{page}: the tests below must run these");
    }
}

#[test]
fn the_first_start_goes_as_install_md_says() {
    let page = "docs/INSTALL.md";
    let mut machine = Machine::new();
    machine.start(&step(page, "start"));
    assert!(machine.run(page, "health").stdout.contains("is healthy"));
    // Here is no terminal to ask for the password.
    let asks = format!("{} --password-stdin", step(page, "first account"));
    assert!(machine.run_text(&asks, PASSWORD).stdout.contains("with role admin"));
    let listed = machine.run(page, "token").stdout;
    assert!(listed.contains("ada@example.com") && listed.contains("\"total\":1"), "{listed}");
    let looked = machine.run(page, "looking around").stdout;
    for part in ["\tada@example.com\tAda", "chat.delete=true", "[server]"] {
        assert!(looked.contains(part), "{part}: {looked}");
    }
}

#[test]
fn completions_and_man_pages_are_written() {
    let machine = Machine::new();
    machine.run("docs/INSTALL.md", "completions");
    let read = |name: &str| std::fs::read_to_string(machine.place.path(".local/share").join(name)).unwrap();
    assert!(read("bash-completion/completions/rosterd").contains("set-password"));
    assert!(read("man/man1/rosterd.1").contains("WEBUI_SECRET_KEY"));
    assert!(read("man/man1/rosterd-user-create.1").contains("password"));
}

#[test]
fn the_server_is_checked_and_asked_as_deploy_md_says() {
    let page = "docs/DEPLOY.md";
    let mut machine = Machine::new();
    let printed = machine.run(page, "checking").stdout;
    assert!(printed.contains("secure = true  # command line"), "{printed}");
    machine.start("rosterd");
    assert!(machine.run(page, "asking").stdout.contains("is healthy"));
}

#[test]
fn a_database_of_open_webui_is_looked_at_before_anything_is_changed() {
    let machine = Machine::new();
    let file = machine.place.path("webui.db");
    std::fs::copy(root().join("crates/testkit/fixtures/webui-0.12.4.sqlite"), &file).unwrap();
    let before = std::fs::read(&file).unwrap();
    assert!(machine.run("docs/DEPLOY.md", "adopting").stdout.contains("Nothing was changed."));
    assert!(std::fs::read(&file).unwrap() == before, "the file was changed");
}

#[test]
fn a_roster_is_backed_up_and_comes_back_as_operations_md_says() {
    let page = "docs/OPERATIONS.md";
    let mut machine = Machine::new();
    machine.start("rosterd");
    let create =
        |name: &str| format!("rosterd user create --email {name}@example.com --name {name} --password-stdin");
    machine.run_text(&create("ada"), PASSWORD);
    machine.run_text(&create("bob"), PASSWORD);
    assert!(machine.run(page, "health").stdout.contains("is healthy"));
    assert!(machine.run(page, "backup").stdout.contains("and the token secret to backup/rosterd.db.secret"));
    machine.run_text("rosterd user delete bob@example.com", "");
    machine.stop();
    assert!(machine.run(page, "restore").stdout.contains("all sessions are over"));
    machine.start("rosterd");
    let said = machine.run(page, "shut out").stdout;
    assert!(
        said.contains("bob@example.com is suspended until") && said.contains("its role is user"),
        "{said}"
    );
    let said = machine.run(page, "shut out for good").stdout;
    assert!(said.contains("all sessions of bob@example.com are over") && said.contains("pending"), "{said}");
    let said = machine.run(page, "links").stdout;
    assert_eq!(said.lines().filter(|line| line.starts_with("rl_")).count(), 2, "{said}");
    machine.run_text("rosterd user delete bob@example.com", "");
    let said = machine.run(page, "deleted by mistake").stdout;
    assert!(said.contains("restored bob@example.com"), "{said}");
    machine.run_text("rosterd user set-role eve@example.com admin", "");
    let said = machine.run(page, "hand over").stdout;
    assert_eq!(said, "eve@example.com is the primary admin now, in place of ada@example.com\n");
}

#[test]
fn a_roster_of_open_webui_moves_out_and_back_as_migrating_md_says() {
    let page = "docs/MIGRATING.md";
    let mut machine = Machine::new();
    let file = machine.place.path("webui.db");
    std::fs::copy(root().join("crates/testkit/fixtures/webui-0.12.4.sqlite"), &file).unwrap();
    let actors = Actors::recorded();
    std::fs::write(machine.place.path(".webui_secret_key"), &actors.secret).unwrap();
    let before = std::fs::read(&file).unwrap();
    assert!(machine.run(page, "look").stdout.contains("84 rows of user"));
    assert!(!machine.place.path("data").exists(), "a look makes nothing");
    assert!(machine.run(page, "carry").stdout.contains("compared row by row"));
    let token = TokenKind::Valid.make(actors.user("alice"), actors.secret.as_bytes(), SystemClock.now());
    assert!(std::fs::read(&file).unwrap() == before, "the file of Open WebUI was changed");
    // The same token at the standalone server, and at the attached one after it.
    for name in ["start", "attach again"] {
        machine.start(&step(page, name));
        let url = format!("http://127.0.0.1:{}/api/v1/auths/", machine.port);
        let status = block_on(async {
            reqwest::Client::new().get(url).bearer_auth(&token).send().await.unwrap().status()
        });
        assert_eq!(status, 200, "{name}");
        machine.stop();
    }
}

#[test]
fn a_roster_moves_to_postgresql_and_back_as_migrating_md_says() {
    if !DbKind::OwnPostgres.is_available() {
        return;
    }
    let page = "docs/MIGRATING.md";
    let machine = Machine::new();
    let new = TestDb::empty_postgres();
    machine.run_text("rosterd user create --email ada@example.com --name Ada --password-stdin", PASSWORD);
    for name in ["to postgresql", "to sqlite"] {
        let text = step(page, name).replace("postgresql://rosterd@db.example.com/rosterd", new.url());
        assert!(machine.run_text(&text, "").stdout.contains("carried from rosterd"), "{name}");
    }
    let shown =
        machine.run_text("DATABASE_URL=sqlite:///data/again.db rosterd user show ada@example.com", "");
    assert!(shown.stdout.contains("admin"), "{shown:?}");
}

#[test]
fn people_of_other_systems_come_as_migrating_md_says() {
    let page = "docs/MIGRATING.md";
    let mut machine = Machine::new();
    let fixtures = root().join("crates/server/tests/cli/foreign");
    for file in std::fs::read_dir(fixtures).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), machine.place.path(file.file_name().to_str().unwrap())).unwrap();
    }
    machine.run_text(&step(page, "other systems"), PASSWORD);
    machine.start("rosterd");
    let url = format!("http://127.0.0.1:{}/api/v1/auths/signin", machine.port);
    for email in [
        "argon@keycloak.example",
        "bcrypt@auth0.example",
        "ada@firebase.example",
        "ada@supabase.example",
        "ada@better-auth.example",
        "ada@django.example",
        "ada@librechat.example",
    ] {
        let form = serde_json::json!({ "email": email, "password": PASSWORD });
        let status =
            block_on(async { reqwest::Client::new().post(&url).json(&form).send().await.unwrap().status() });
        assert_eq!(status, 200, "{email}");
    }
    machine.stop();
}

#[test]
fn tables_are_brought_up_to_date_as_upgrading_md_says() {
    let page = "docs/UPGRADING.md";
    let machine = Machine::new();
    assert!(machine.run(page, "migrating").stdout.contains("up to date"));
    let looked = machine.run(page, "adopting again").stdout;
    assert!(looked.contains("nothing is missing"), "{looked}");
}
