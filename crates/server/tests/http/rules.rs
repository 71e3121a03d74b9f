//! docs/RULES.md, the code and the tests name the same rules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rules of docs/RULES.md in the order of the page: each row begins with the id, and then says where the rule holds.
fn rows() -> Vec<(String, String)> {
    let page = fs::read_to_string(root().join("docs/RULES.md")).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| **")?.split_once("** | "));
    rows.map(|(id, rest)| (id.to_owned(), rest.split(" |").next().unwrap_or_default().to_owned())).collect()
}

/// Their ids.
fn listed() -> Vec<String> {
    rows().into_iter().map(|(id, _)| id).collect()
}

#[test]
fn every_rule_is_written_once() {
    let listed = listed();
    let once: BTreeSet<_> = listed.iter().collect();
    assert_eq!(listed.len(), once.len(), "{listed:?}");
    assert!(listed.len() > 30, "the rows of the page are not read: {listed:?}");
}

#[test]
fn the_code_and_the_page_name_the_same_rules() {
    let mut named = BTreeSet::new();
    for folder in ["crates", "docs", "migrations"] {
        each_file(&root().join(folder), &mut |path, text| {
            if !path.ends_with("docs/RULES.md") {
                named.extend(ids_in(text));
            }
        });
    }
    let listed: BTreeSet<String> = listed().into_iter().collect();
    let unknown: Vec<_> = named.difference(&listed).collect();
    assert!(unknown.is_empty(), "docs/RULES.md does not have {unknown:?}");
    let unnamed: Vec<_> = listed.difference(&named).collect();
    assert!(unnamed.is_empty(), "docs/RULES.md has {unnamed:?}, which nothing names");
}

#[test]
fn every_rule_is_in_the_name_of_a_test() {
    let mut names = BTreeSet::new();
    each_file(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http"), &mut |_, text| {
        for start in ["with_servers!(", "with_databases!(", "#[test]\nfn "] {
            for rest in text.split(start).skip(1) {
                // After the kinds of databases, if any, comes the name.
                let parts =
                    rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|part| !part.is_empty());
                names.extend(parts.take(2).map(str::to_owned));
            }
        }
    });
    let words: BTreeSet<&str> = names.iter().flat_map(|name| name.split('_')).collect();
    // No call of the API shows a rule that is only prepared.
    let served = rows().into_iter().filter(|(_, databases)| databases != "prepared");
    let missing: Vec<_> =
        served.filter(|(id, _)| !words.contains(id.to_lowercase().as_str())).map(|(id, _)| id).collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}

/// Hands over every source file and page in the folder and below it.
fn each_file(folder: &Path, seen: &mut dyn FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !["node_modules", "target", "dist"].contains(&name) {
                each_file(&path, seen);
            }
        } else if [".rs", ".md", ".sql", ".ts"].iter().any(|end| name.ends_with(end)) {
            seen(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}

/// The ids in a text: a capital letter, one or two digits and perhaps a small letter, as a word of their own. `I1 to I4` names the two between
/// as well. What belongs to a path, a number or an escape (`IpAddr::V4`, `%E2`) is none.
fn ids_in(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_%:+.\\-".contains(c);
    let mut before = "";
    for word in text.split(|c: char| !is_part(c)) {
        let word = word.trim_end_matches(['.', ':']);
        if let Some((letter, number)) = split_id(word) {
            if let ("to", Some((first, from))) = (before, ids.last().and_then(|last| split_id(last)))
                && first == letter
            {
                ids.extend((from + 1..number).map(|between| format!("{letter}{between}")));
            }
            ids.push(word.to_owned());
        }
        before = word;
    }
    ids
}

/// The letter and the number of an id.
fn split_id(word: &str) -> Option<(char, u32)> {
    let letter = word.chars().next().filter(char::is_ascii_uppercase)?;
    let number = word[1..].strip_suffix(['a', 'b']).unwrap_or(&word[1..]);
    let is_number = matches!(number.len(), 1 | 2) && number.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { Some((letter, number.parse().ok()?)) } else { None }
}

#[test]
fn ids_are_found_in_text() {
    assert_eq!(ids_in("/// Rules P1, R2 (S5). V1: no."), ["P1", "R2", "S5", "V1"]);
    assert_eq!(ids_in("rules I1 to I4"), ["I1", "I2", "I3", "I4"]);
    assert_eq!(ids_in("rule M27b"), ["M27b"]);
    assert_eq!(ids_in("IpAddr::V4 %E2%80 p1 B12c SHA256 X-Y9 A123"), Vec::<String>::new());
}

/// The tests that docs/SECURITY.md names in its table of OWASP ASVS are there.
#[test]
fn the_tests_of_the_security_page_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let page = fs::read_to_string(root.join("docs/SECURITY.md")).unwrap();
    let (_, table) = page.split_once("| requirement | holds |").unwrap();
    let rows: Vec<&str> = table.lines().skip(2).filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 30, "{}", rows.len());
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [_, holds, how, tests] = cells[..] else { panic!("{row}") };
        assert!(["yes", "partly", "no"].contains(&holds), "{row}");
        // What is not there cannot be tested.
        assert!(
            !tests.is_empty()
                || holds == "no"
                || how.contains("there is none")
                || how.contains("there are none")
                || how.contains("no time-out"),
            "{row}"
        );
        for name in tests.split(", ").filter(|name| !name.is_empty()) {
            let name = name.trim_matches('`');
            let tests = root.join("crates/server/tests");
            let path = match name.strip_prefix("cli::") {
                _ if name.contains('/') => root.join(name),
                Some(module) => tests.join(format!("cli/{module}.rs")),
                None => tests.join(format!("http/{}.rs", name.replace("::", "/"))),
            };
            assert!(path.exists(), "{name}: {row}");
        }
    }
}
