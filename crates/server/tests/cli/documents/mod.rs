//! The documentation agrees with the program: its links lead somewhere, its commands are understood, and those of installing,
//! deploying and upgrading do what the pages say.

mod commands;
mod links;
mod prose;
mod steps;

use std::path::{Path, PathBuf};

/// A Markdown file of this repository.
pub(crate) struct Document {
    /// From the root of the repository.
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A block of code.
#[derive(Debug)]
pub(crate) struct Block {
    /// Such as `sh`.
    pub(crate) language: String,
    pub(crate) text: String,
    /// What the comment in the line before it says.
    pub(crate) mark: Option<String>,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn document(name: &str) -> Document {
    let text = std::fs::read_to_string(root().join(name)).unwrap_or_else(|why| panic!("{name}: {why}"));
    Document { name: name.to_owned(), text }
}

/// The pages for readers: beside Cargo.toml, in docs/, in .github/ and beside each crate.
pub(crate) fn documents() -> Vec<Document> {
    let mut names = Vec::new();
    let crates = std::fs::read_dir(root().join("crates")).unwrap();
    let of_crates = crates.map(|entry| format!("crates/{}", entry.unwrap().file_name().to_string_lossy()));
    let folders = [".", "docs", ".github", "crates/client/typescript"].map(str::to_owned);
    for folder in folders.into_iter().chain(of_crates) {
        for entry in std::fs::read_dir(root().join(&folder)).into_iter().flatten() {
            let name = entry.unwrap().file_name().to_string_lossy().into_owned();
            if Path::new(&name).extension().is_some_and(|extension| extension == "md") {
                names.push(format!("{folder}/{name}"));
            }
        }
    }
    names.sort();
    assert!(names.iter().any(|name| name == "docs/INSTALL.md"), "{names:?}");
    names.iter().map(|name| document(name)).collect()
}

impl Document {
    /// The lines outside blocks of code.
    pub(crate) fn prose(&self) -> impl Iterator<Item = &str> {
        let mut is_code = false;
        self.text.lines().filter(move |line| {
            let is_fence = line.trim_start().starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        })
    }

    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut before = "";
        let mut lines = self.text.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.trim_start().strip_prefix("```") {
                let text: Vec<&str> =
                    lines.by_ref().take_while(|line| !line.trim_start().starts_with("```")).collect();
                let mark = before.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
                blocks.push(Block {
                    language: language.to_owned(),
                    text: text.join("\n"),
                    mark: mark.map(str::to_owned),
                });
            }
            before = line;
        }
        blocks
    }
}
