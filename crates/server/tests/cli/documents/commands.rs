//! Every command of rosterd in a block of code is one that the program understands.

use rosterd::cli::command;

use super::documents;

/// The commands of rosterd in a line for the shell, each as its words.
fn commands(line: &str) -> Vec<Vec<String>> {
    let line = line.trim().trim_start_matches("$ ");
    let line = line.split(" # ").next().unwrap_or(line);
    let line = line.split("  #").next().unwrap_or(line);
    line.split([';', '|', ')']).flat_map(|part| part.split("$(")).filter_map(command_of).collect()
}

/// The words from `rosterd` on, if that is what is started: after variables, or by another program.
fn command_of(part: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = part.split_whitespace().collect();
    let is_variable = |word: &str| !word.starts_with('-') && word.contains('=');
    let first = words.iter().position(|word| !is_variable(word))?;
    let begins = |at: usize| at == first || matches!(words.get(at.wrapping_sub(1)), Some(&"rosterd" | &"--"));
    let at = (first..words.len()).rev().find(|at| words.get(*at) == Some(&"rosterd") && begins(*at))?;
    let ends = |word: &&&str| [">", "<", "&", "&&", "2>"].contains(*word);
    Some(
        words
            .iter()
            .skip(at)
            .take_while(|word| !ends(word))
            .map(|word| word.trim_matches('\'').to_owned())
            .collect(),
    )
}

#[test]
fn every_command_in_the_documentation_is_understood() {
    let mut count = 0;
    let mut faults = Vec::new();
    for document in documents() {
        let blocks = document.blocks();
        for block in
            blocks.iter().filter(|block| ["sh", "console", "bash"].contains(&block.language.as_str()))
        {
            for line in block.text.replace("\\\n", " ").lines() {
                for words in commands(line) {
                    count += 1;
                    if let Err(error) = command().try_get_matches_from(&words)
                        && error.use_stderr()
                    {
                        faults.push(format!("{}: {}: {error}", document.name, words.join(" ")));
                    }
                }
            }
        }
    }
    assert!(count > 30, "only {count} commands were found");
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn commands_are_found_wherever_they_stand() {
    let found = |line: &str| commands(line).iter().map(|words| words.join(" ")).collect::<Vec<_>>();
    assert_eq!(found("PORT=1 rosterd  user list > file # all"), ["rosterd user list"]);
    assert_eq!(found("TOKEN=$(rosterd token ada --expires-in 1h)"), ["rosterd token ada --expires-in 1h"]);
    assert_eq!(found("sudo -u rosterd rosterd migrate"), ["rosterd migrate"]);
    assert_eq!(found("kubectl exec x -- rosterd adopt"), ["rosterd adopt"]);
    assert_eq!(
        found("echo x | rosterd config; rosterd frobnicate"),
        ["rosterd config", "rosterd frobnicate"]
    );
    assert_eq!(found("cargo build --package rosterd"), [""; 0]);
}
