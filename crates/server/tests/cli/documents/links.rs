//! Every link within the repository leads to a file, and to a heading in it. What is elsewhere is not asked for.

use std::path::Path;

use super::{Document, documents, root};

/// The targets of all links of a line.
fn targets(line: &str) -> Vec<&str> {
    let parts = line.split("](").skip(1);
    parts.filter_map(|part| part.split(')').next()).filter(|target| !target.contains(' ')).collect()
}

/// The names by which GitHub knows the headings.
fn anchors(document: &Document) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for line in document.prose() {
        let title = line.trim_start_matches('#');
        if !line.starts_with('#') || !title.starts_with(' ') {
            continue;
        }
        let kept = title.trim().to_lowercase();
        let kept = kept.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
        let name: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
        let same = anchors.iter().filter(|anchor| anchor.trim_end_matches("-1") == name).count();
        anchors.push(if same == 0 { name } else { format!("{name}-{same}") });
    }
    anchors
}

/// What is wrong with a link of a page, if anything.
fn fault(page: &Document, target: &str, all: &[Document]) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(&page.name).parent().unwrap_or(Path::new(""));
    let path = if path.is_empty() { root().join(&page.name) } else { root().join(folder).join(path) };
    let Ok(path) = path.canonicalize() else {
        return Some(format!("{}: {target}: there is no such file", page.name));
    };
    let meant = all.iter().find(|other| root().join(&other.name).canonicalize().is_ok_and(|it| it == path));
    match meant {
        Some(meant) if !anchor.is_empty() && !anchors(meant).iter().any(|name| name == anchor) => {
            Some(format!("{}: {target}: there is no such heading", page.name))
        }
        _ => None,
    }
}

#[test]
fn every_link_leads_somewhere() {
    let all = documents();
    let mut faults = Vec::new();
    let mut count = 0;
    for page in &all {
        // Links may go over the end of a line.
        let prose: Vec<&str> = page.prose().collect();
        for target in targets(&prose.join(" ")) {
            count += 1;
            faults.extend(fault(page, target, &all));
        }
    }
    assert!(count > 100, "only {count} links were found");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = |text: &str| Document { name: "docs/INSTALL.md".to_owned(), text: text.to_owned() };
    let all = documents();
    let wrong = ["absent.md", "DEPLOY.md#absent", "#absent", "../docs/absent.md#x"];
    for target in wrong {
        assert!(fault(&page(""), target, &all).is_some(), "{target}");
    }
    for target in ["DEPLOY.md", "DEPLOY.md#under-systemd", "../README.md#run-it", "https://example.com"] {
        assert_eq!(fault(&page(""), target, &all), None);
    }
    assert_eq!(targets("see [a](b.md#c) and [d](e.md)."), ["b.md#c", "e.md"]);
    let headings = page("# A `b` (c)\n```\n# no heading\n```\n## The x_y: z\n## Run it\n## Run it");
    assert_eq!(anchors(&headings), ["a-b-c", "the-x_y-z", "run-it", "run-it-1"]);
}
