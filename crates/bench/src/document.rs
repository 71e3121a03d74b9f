//! Puts the tables into docs/PERFORMANCE.md and the drawings into docs/plots, so that no figure there is typed.
//!
//! A table stands between `<!-- bench: <scenario> -->` and `<!-- /bench -->`; whatever was there is replaced. The text
//! around it is written by people.

use std::fs;
use std::path::Path;

use crate::Result;
use crate::report::Report;

const END: &str = "<!-- /bench -->";

/// Writes what this run measured; tables of scenarios that did not run stay.
pub(crate) fn write(docs: &Path, report: &Report) -> Result<()> {
    let page = docs.join("PERFORMANCE.md");
    let mut text = fs::read_to_string(&page)?;
    text = replaced(&text, "machine", &format!("Measured on {}; load: {}.\n", report.machine, report.load))?;
    for section in &report.sections {
        text = replaced(&text, &section.scenario, &section.to_markdown())?;
        for plot in &section.plots {
            fs::create_dir_all(docs.join("plots"))?;
            fs::write(docs.join("plots").join(format!("{}.svg", plot.name)), plot.to_svg())?;
        }
    }
    Ok(fs::write(page, text)?)
}

/// The page with another content between the marks of this name.
fn replaced(page: &str, name: &str, content: &str) -> Result<String> {
    let mark = format!("<!-- bench: {name} -->\n");
    let (before, rest) =
        page.split_once(&mark).ok_or_else(|| format!("PERFORMANCE.md has no `{}`", mark.trim()))?;
    let (_old, after) = rest.split_once(END).ok_or_else(|| format!("`{}` has no end", mark.trim()))?;
    Ok(format!("{before}{mark}\n{content}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_between_the_marks_is_replaced() {
        let page =
            "a\n<!-- bench: x -->\nold\n<!-- /bench -->\nb\n<!-- bench: y -->\nkept\n<!-- /bench -->\n";
        let wanted =
            "a\n<!-- bench: x -->\n\nnew\n\n<!-- /bench -->\nb\n<!-- bench: y -->\nkept\n<!-- /bench -->\n";
        assert_eq!(replaced(page, "x", "new\n").unwrap(), wanted);
        assert!(replaced(page, "z", "new").is_err());
    }

    #[test]
    fn the_page_has_a_place_for_every_scenario() {
        use clap::ValueEnum as _;

        use crate::cli::Scenario;

        let page = include_str!("../../../docs/PERFORMANCE.md");
        for scenario in Scenario::value_variants().iter().filter(|scenario| **scenario != Scenario::All) {
            assert!(replaced(page, &scenario.name(), "").is_ok(), "{}", scenario.name());
        }
        assert!(replaced(page, "machine", "").is_ok());
    }
}
