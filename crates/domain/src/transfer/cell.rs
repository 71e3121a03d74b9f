//! What cells of a table hold beside plain text: texts that a spreadsheet would run, and lists of names.

/// Between the names of a list.
const BETWEEN: char = ';';

/// Whether a spreadsheet takes a cell that begins with this as a formula.
fn is_run(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Whether a text is one that a spreadsheet would run, behind any number of apostrophes.
fn is_run_unquoted(text: &str) -> bool {
    is_run(text.trim_start_matches('\''))
}

/// The text as a cell that no spreadsheet runs (rule T10): behind an apostrophe where it would be. So is what begins with
/// apostrophes already: [`armed`] takes exactly one away.
pub(super) fn defused(mut text: String) -> String {
    if is_run_unquoted(&text) {
        text.insert(0, '\'');
    }
    text
}

/// The text that a cell was written for (rule T10).
pub(super) fn armed(mut text: String) -> String {
    if text.starts_with('\'') && is_run_unquoted(&text) {
        text.remove(0);
    }
    text
}

/// The names in a cell: separated by semicolons, or a list of JSON; `None` for a list that is none.
pub(super) fn names(cell: &str) -> Option<Vec<String>> {
    let cell = cell.trim();
    if cell.starts_with('[') {
        return serde_json::from_str(cell).ok();
    }
    let names = cell.split(BETWEEN).map(str::trim).filter(|name| !name.is_empty());
    Some(names.map(str::to_owned).collect())
}

/// The cell of some names: separated by semicolons if that reads back as the same names.
pub(super) fn of_names(list: &[String]) -> String {
    let joined = list.join(";");
    if names(&joined).as_deref() == Some(list) {
        return joined;
    }
    serde_json::to_string(list).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn t10_what_a_spreadsheet_would_run_is_defused() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x"] {
            let cell = defused(text.to_owned());
            assert_eq!(cell, format!("'{text}"));
            assert_eq!(armed(cell), text);
        }
        for text in ["", "'", "Ann", "O'Brien", "'tis", "1-1", " =1"] {
            assert_eq!(defused(text.to_owned()), text);
            assert_eq!(armed(text.to_owned()), text);
        }
    }

    #[test]
    fn names_are_separated_by_semicolons() {
        assert_eq!(names(" Sales ; Berlin;").unwrap(), ["Sales", "Berlin"]);
        assert_eq!(names("[\"a;b\", \"c\"]").unwrap(), ["a;b", "c"]);
        assert_eq!(names("[a]"), None);
        assert_eq!(of_names(&["Sales".to_owned(), "R, D".to_owned()]), "Sales;R, D");
        assert_eq!(of_names(&["a;b".to_owned()]), "[\"a;b\"]");
    }

    proptest! {
        #[test]
        fn t10_any_text_comes_back(text in "['=+@\t\r-]{0,4}.{0,20}") {
            let cell = defused(text.clone());
            prop_assert!(!is_run(&cell));
            prop_assert_eq!(armed(cell), text);
        }

        #[test]
        fn any_names_come_back(list in proptest::collection::vec("[a;\\[\" ü]{0,4}", 0..4)) {
            prop_assert_eq!(names(&of_names(&list)), Some(list));
        }
    }
}
