//! That no rule of the contract's sections 2 to 7 is without a test here.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Their ids, as test names have them.
const RULES: &str =
    "p1 p2 p3 p4 r1 r2 r3 r4 r5 s1 s2 s3 s4 s5 v1 v2 v3 i1 i2 i3 i4 l1 l2 l3 l4 e2 e3 a1 a2 g1";

#[test]
fn every_rule_is_in_the_name_of_a_test() {
    let mut names = BTreeSet::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http").as_path(), &mut names);
    let words: BTreeSet<&str> = names.iter().flat_map(|name| name.split('_')).collect();
    let missing: Vec<_> = RULES.split(' ').filter(|rule| !words.contains(rule)).collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}

/// The names of all tests in the folder.
fn collect(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, names);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            let starts = ["with_servers!(", "with_databases!(", "#[test]\nfn "];
            for start in starts {
                for rest in text.split(start).skip(1) {
                    // After the kinds of databases, if any, comes the name.
                    let parts = rest
                        .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                        .filter(|part| !part.is_empty());
                    names.extend(parts.take(2).map(str::to_owned));
                }
            }
        }
    }
}
