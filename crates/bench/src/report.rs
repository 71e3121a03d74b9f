//! What was measured, as tables and as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::figures::Series;
use crate::figures::short;
use crate::machine;
use crate::plot::Plot;

/// A whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// What it ran on.
    pub(crate) machine: String,
    /// Who sent the requests.
    pub(crate) load: &'static str,
    /// One for each scenario, in the order they ran.
    pub(crate) sections: Vec<Section>,
}

impl Report {
    pub(crate) fn new(machine: String, load: &'static str) -> Self {
        Self { machine, load, sections: Vec::new() }
    }

    /// A line for each bar that was missed.
    pub(crate) fn missed(&self) -> impl Iterator<Item = String> {
        self.sections.iter().flat_map(|section| {
            let missed = section.bars.iter().filter(|bar| !bar.is_reached());
            missed.map(|bar| format!("{}: {}", section.scenario, bar.to_text()))
        })
    }
}

/// What one scenario gave.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Section {
    /// The scenario's name.
    pub(crate) scenario: String,
    /// What was done.
    pub(crate) what: String,
    /// The series, in the order of the table. The first one is what `ratio` refers to where `baseline` is set.
    pub(crate) series: Vec<Series>,
    /// Which series the others are divided by.
    pub(crate) baseline: Option<usize>,
    /// Tables that are not series.
    pub(crate) grids: Vec<Grid>,
    /// Single figures.
    pub(crate) facts: Vec<Fact>,
    /// What had to be reached.
    pub(crate) bars: Vec<Bar>,
    /// Drawings.
    #[serde(skip)]
    pub(crate) plots: Vec<Plot>,
}

/// A table with columns of its own. Each row has as many cells as the head.
#[derive(Debug, Serialize)]
pub(crate) struct Grid {
    pub(crate) head: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Grid {
    /// One without rows.
    pub(crate) fn new<const N: usize>(head: [&str; N]) -> Self {
        Self { head: head.map(str::to_owned).to_vec(), rows: Vec::new() }
    }
}

/// A figure of its own.
#[derive(Debug, Serialize)]
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A figure and what it has to be.
#[derive(Debug, Serialize)]
pub(crate) struct Bar {
    /// What was compared.
    pub(crate) what: String,
    /// The figure.
    pub(crate) measured: f64,
    /// What it has to be.
    pub(crate) wanted: Wanted,
}

/// The side a figure has to be on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Wanted {
    AtLeast(f64),
    AtMost(f64),
}

impl Bar {
    /// A bar that wants at least so much.
    pub(crate) fn at_least(what: impl Into<String>, measured: f64, wanted: f64) -> Self {
        Self { what: what.into(), measured, wanted: Wanted::AtLeast(wanted) }
    }

    /// A bar that wants at most so much.
    pub(crate) fn at_most(what: impl Into<String>, measured: f64, wanted: f64) -> Self {
        Self { what: what.into(), measured, wanted: Wanted::AtMost(wanted) }
    }

    /// Whether it was reached. What could not be measured was not.
    pub(crate) fn is_reached(&self) -> bool {
        match self.wanted {
            Wanted::AtLeast(wanted) => self.measured >= wanted,
            Wanted::AtMost(wanted) => self.measured <= wanted,
        }
    }

    fn to_text(&self) -> String {
        let wanted = match self.wanted {
            Wanted::AtLeast(wanted) => format!("at least {wanted}"),
            Wanted::AtMost(wanted) => format!("at most {wanted}"),
        };
        format!("{} is {}, wanted {wanted}", self.what, short(self.measured))
    }
}

impl Section {
    /// An empty one.
    pub(crate) fn new(scenario: &str, what: &str) -> Self {
        Self { scenario: scenario.to_owned(), what: what.to_owned(), ..Self::default() }
    }

    /// Notes a single figure.
    pub(crate) fn fact(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.facts.push(Fact { name: name.into(), value: value.into() });
    }

    /// The section as Markdown, which reads well on a terminal too.
    pub(crate) fn to_markdown(&self) -> String {
        let mut text = format!("{}\n", self.what);
        if !self.series.is_empty() {
            let mut rows = vec![
                [
                    "",
                    "connections",
                    "answers/s",
                    "ratio",
                    "p50 ms",
                    "p99 ms",
                    "CPU µs each",
                    "peak MB",
                    "errors",
                ]
                .map(str::to_owned)
                .to_vec(),
            ];
            let baseline = self.baseline.and_then(|index| self.series.get(index)).map(Series::per_second);
            for series in &self.series {
                let per_second = series.per_second();
                rows.push(vec![
                    series.label.clone(),
                    series.connections.to_string(),
                    format!("{per_second:.0}"),
                    baseline.map_or_else(String::new, |baseline| format!("{:.3}", per_second / baseline)),
                    short(series.p50_ms()),
                    short(series.p99_ms()),
                    series.cpu_us().map_or_else(String::new, short),
                    series.peak_mb.map_or_else(String::new, |peak| format!("{peak:.0}")),
                    series.errors().to_string(),
                ]);
            }
            text.push('\n');
            text.push_str(&table(&rows));
            let rounds = self.series.iter().flat_map(|series| &series.rounds);
            let paces: Vec<f64> = rounds.filter_map(|round| round.pace_ms).collect();
            if let Some(told) = machine::describe_paces(&paces) {
                text.extend(["\n", &told, "\n"]);
            }
        }
        for grid in &self.grids {
            let rows: Vec<_> = std::iter::once(&grid.head).chain(&grid.rows).cloned().collect();
            text.push('\n');
            text.push_str(&table(&rows));
        }
        if !self.facts.is_empty() {
            let mut rows = vec![vec![String::new(), "measured".to_owned()]];
            rows.extend(self.facts.iter().map(|fact| vec![fact.name.clone(), fact.value.clone()]));
            text.push('\n');
            text.push_str(&table(&rows));
        }
        if !self.bars.is_empty() {
            let mut rows = vec![["bar", "wanted", "measured", ""].map(str::to_owned).to_vec()];
            for bar in &self.bars {
                let wanted = match bar.wanted {
                    Wanted::AtLeast(wanted) => format!("≥ {wanted}"),
                    Wanted::AtMost(wanted) => format!("≤ {wanted}"),
                };
                let verdict = if bar.is_reached() { "reached" } else { "**missed**" };
                rows.push(vec![bar.what.clone(), wanted, short(bar.measured), verdict.to_owned()]);
            }
            text.push('\n');
            text.push_str(&table(&rows));
        }
        text
    }
}

/// A Markdown table; the first row is its head. Columns are filled up, so that it reads well as plain text.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (cell, width) in row.iter().zip(&widths) {
            let padding = " ".repeat(width - cell.chars().count());
            let _writing_to_a_string_cannot_fail = write!(text, "| {cell}{padding} ");
        }
        text.push_str("|\n");
        if number == 0 {
            for width in &widths {
                let _writing_to_a_string_cannot_fail = write!(text, "| {} ", "-".repeat((*width).max(3)));
            }
            text.push_str("|\n");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::Round;

    #[test]
    fn a_bar_is_reached_on_its_own_side() {
        assert!(Bar::at_least("a", 0.7, 0.7).is_reached());
        assert!(!Bar::at_least("a", 0.69, 0.7).is_reached());
        assert!(Bar::at_most("a", 60.0, 60.0).is_reached());
        assert!(!Bar::at_most("a", f64::NAN, 60.0).is_reached());
    }

    #[test]
    fn a_section_shows_series_with_their_ratio_and_bars_with_their_verdict() {
        let round = |per_second| Round {
            per_second,
            p50_ms: 0.5,
            p99_ms: 12.0,
            cpu_us: None,
            errors: 0,
            pace_ms: Some(4.0),
        };
        let series = |label: &str, per_second| Series {
            label: label.to_owned(),
            connections: 32,
            rounds: vec![round(per_second)],
            peak_mb: None,
        };
        let mut section = Section::new("x", "What was done.");
        section.series = vec![series("bare", 1000.0), series("rosterd", 800.0)];
        section.baseline = Some(0);
        section.bars.push(Bar::at_least("rosterd of bare", 0.8, 0.9));
        let mut grid = Grid::new(["feature", "µs"]);
        grid.rows.push(["log", "1.2"].map(str::to_owned).to_vec());
        section.grids.push(grid);
        let text = section.to_markdown();
        assert!(text.contains("| rosterd | 32          | 800       | 0.800 | 0.500  | 12.0   |"), "{text}");
        assert!(text.contains("\n\nPace of the machine: 4.0 ms (4.0 to 4.0).\n\n|"), "{text}");
        assert!(text.contains("| feature | µs  |\n| ------- | --- |\n| log     | 1.2 |\n"), "{text}");
        assert!(text.contains("| rosterd of bare | ≥ 0.9  | 0.800    | **missed** |"), "{text}");
    }
}
