//! What a person at a terminal gets, and what a script goes on getting: completions, man pages, tables, how much is told.

use std::process::Command;

use rosterd_testkit::{DbKind, TestDb};

use crate::place::{PASSWORD, PROGRAM, Place, SECRET};

/// Runs a command with a terminal of its own for all three streams; gives what it shows there.
fn on_terminal(place: &Place, command: &str, environment: &[(&str, &str)]) -> String {
    let (code, shown) = answered_on_terminal(place, command, environment, "");
    assert_eq!(code, Some(0), "{command}: {shown}");
    shown
}

/// The same with what is typed there; gives the exit code too.
fn answered_on_terminal(
    place: &Place,
    command: &str,
    environment: &[(&str, &str)],
    typed: &str,
) -> (Option<i32>, String) {
    std::fs::write(place.path("typed"), typed).unwrap();
    let output = Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--command",
            &format!("stty cols 200; {PROGRAM} {command}"),
            "/dev/null",
        ])
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .env("TERM", "xterm")
        .envs(environment.iter().copied())
        .current_dir(place.path(""))
        .stdin(std::fs::File::open(place.path("typed")).unwrap())
        .output()
        .expect("`script` is part of util-linux");
    (output.status.code(), String::from_utf8(output.stdout).unwrap().replace('\r', ""))
}

#[test]
fn a_person_is_asked_before_an_account_is_deleted_or_purged() {
    let db = TestDb::fresh(DbKind::OwnSqlite);
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url()), ("ROSTERD_BCRYPT_COST", "4")];
    for name in ["ada", "bob"] {
        let email = format!("{name}@example.com");
        let create = ["user", "create", "--email", &email, "--name", name, "--password-stdin"];
        assert_eq!(place.run_with(&create, &environment, PASSWORD).code, Some(0));
    }
    let typed = |command: &str, answer: &str| answered_on_terminal(&place, command, &environment, answer);
    let users = || db.db_value("SELECT count(*) FROM \"user\"").unwrap();
    let (code, shown) = typed("user delete bob@example.com", "n\n");
    assert_eq!((code, users().as_str()), (Some(1), "2"), "{shown}");
    for part in ["bob@example.com (bob)", "removed: 1 auth, 1 user", "kept for 30 days", "nothing was done"] {
        assert!(shown.contains(part), "{shown}");
    }
    let (code, shown) = typed("user delete bob@example.com", "y\n");
    assert_eq!((code, users().as_str()), (Some(0), "1"), "{shown}");
    let (code, shown) = typed("user deleted purge bob@example.com", "\n");
    assert!(code == Some(1) && shown.contains("Remove what is kept of it for good?"), "{shown}");
    let (code, shown) = typed("user deleted purge bob@example.com --yes", "");
    assert!(code == Some(0) && !shown.contains("[y/N]"), "{shown}");
}

#[test]
fn every_shell_gets_completions_without_a_configuration() {
    let place = Place::new();
    for (shell, word) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef rosterd"),
        ("fish", "complete -c rosterd"),
        ("elvish", "edit:completion"),
        ("powershell", "Register-ArgumentCompleter"),
    ] {
        let outcome = place.run_with(&["completions", shell], &[("PORT", "x")], "");
        assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""), "{shell}");
        assert!(outcome.stdout.contains(word) && outcome.stdout.contains("set-password"), "{shell}");
    }
    assert_eq!(place.run(&["completions", "tcsh"]).code, Some(2));
    assert_eq!(place.files(), [""; 0]);
}

#[test]
fn bash_completes_with_its_script() {
    let place = Place::new();
    std::fs::write(place.path("rosterd.bash"), place.run(&["completions", "bash"]).stdout).unwrap();
    let text = "source rosterd.bash; COMP_WORDS=(rosterd user set-); COMP_CWORD=2; _rosterd rosterd set- user; echo ${COMPREPLY[@]}";
    let output = Command::new("bash").args(["-c", text]).current_dir(place.path("")).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "set-role set-password\n");
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let place = Place::new();
    let page = place.run(&["man"]).stdout;
    assert!(page.contains(".TH rosterd 1") && page.contains("ROSTERD_CONFIG"), "{page}");
    std::fs::create_dir(place.path("pages")).unwrap();
    assert_eq!(place.run(&["man", "--folder", "pages"]).code, Some(0));
    let mut pages: Vec<_> =
        std::fs::read_dir(place.path("pages")).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    assert!(pages.len() > 25, "{pages:?}");
    for page in &pages {
        assert!(std::fs::read_to_string(page).unwrap().contains("Examples:"), "{page:?}");
    }
    place.run(&["man", "--folder", "absent"]).assert_failed(1, &["absent", "man pages"]);
}

#[test]
fn lists_are_tables_on_a_terminal_and_lines_with_tabs_elsewhere() {
    let db = TestDb::fresh(DbKind::WebUiSqlite);
    let place = Place::new();
    let environment = [SECRET, ("DATABASE_URL", db.url())];
    let arguments = ["user", "list", "--order-by", "name", "--limit", "3"];
    let lines = place.run_with(&arguments, &environment, "").stdout;
    assert_eq!(lines.lines().map(|line| line.split('\t').count()).collect::<Vec<_>>(), [4, 4, 4]);
    let table = on_terminal(&place, &arguments.join(" "), &environment);
    let header: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(header, ["ID", "ROLE", "E-MAIL", "ADDRESS", "NAME"]);
    assert!(!table.contains('\t') && table.lines().count() == 4, "{table}");
    for (row, line) in table.lines().skip(1).zip(lines.lines()) {
        let cells = line.split('\t').map(str::trim);
        assert!(cells.into_iter().all(|cell| row.contains(cell)), "{row} is not {line}");
    }
    let groups = on_terminal(&place, "group list", &environment);
    assert!(groups.starts_with("ID "), "{groups}");
    // A list of nothing has no header.
    assert_eq!(on_terminal(&place, "user list --query nobody-is-called-so", &environment), "");
    assert!(on_terminal(&place, "user list --limit 1 --json", &environment).starts_with('['));
}

#[test]
fn quiet_leaves_out_warnings_and_keeps_results_and_errors() {
    let place = Place::new();
    let odd = [("ROSTERD_NO_SUCH", "1")];
    let told = place.run_with(&["migrate"], &odd, "");
    assert!(
        told.stderr.contains("rosterd: warning: ") && told.stderr.contains("ROSTERD_NO_SUCH"),
        "{told:?}"
    );
    let quiet = place.run_with(&["migrate", "-q"], &odd, "");
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("the database is up to date\n", ""));
    place.run_with(&["--quiet", "user", "show", "nobody"], &odd, "").assert_failed(1, &["nobody"]);
    assert_eq!(place.run(&["-q", "-v", "config"]).code, Some(2));
}

#[test]
fn verbose_logs_what_a_command_does() {
    let place = Place::new();
    assert_eq!(place.run(&["migrate"]).stderr, "");
    let filter = |arguments: &[&str], environment: &[(&str, &str)]| {
        let settings = place.run_with(&[&["config"][..], arguments].concat(), environment, "").stdout;
        settings.lines().find(|line| line.starts_with("filter = ")).map(str::to_owned)
    };
    let line = |filter: &str| Some(format!("filter = \"{filter}\"  # command line"));
    assert_eq!(filter(&["-v"], &[]), line("debug"));
    assert_eq!(filter(&["-vv"], &[("RUST_LOG", "error")]), line("trace"));
    assert_eq!(filter(&["-q"], &[]), line("warn"));
    let created =
        ["-vv", "user", "create", "--email", "ada@example.com", "--name", "Ada", "--password-stdin"];
    let outcome = place.run_with(&created, &[], PASSWORD);
    assert_eq!(outcome.code, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("created ada@example.com"), "{outcome:?}");
    // Not even then.
    assert!(!outcome.stderr.contains(PASSWORD) && !outcome.stderr.contains("ada@example.com"), "{outcome:?}");
}
