//! Verifying the log: every sealed row is looked at in the order of positions, and what was altered, removed or put in is
//! named.

use super::chain::Chain;
use super::head::Head;
use super::row::EventRow;
use super::seal::{FIRST, Seal, seal_of};

/// What is kept beside the rows of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainState {
    /// The position of its last sealed row; 0: none.
    pub position: i64,
    /// The seal of that row.
    pub seal: Seal,
    /// The position of the last row that was removed after its time; 0: none.
    pub removed_position: i64,
    /// The seal of that row, from which the chain goes on.
    pub removed_seal: Seal,
}

impl Default for ChainState {
    fn default() -> Self {
        Self { position: 0, seal: FIRST.to_owned(), removed_position: 0, removed_seal: FIRST.to_owned() }
    }
}

impl ChainState {
    /// Whether what is kept of the removed rows cannot be right: they end after the last row, or there are none and their last
    /// seal is known.
    fn is_odd(&self) -> bool {
        let is_within = (0..=self.position).contains(&self.removed_position);
        !is_within || (self.removed_position == 0) != (self.removed_seal == FIRST)
    }
}

/// What is wrong at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The position of the row, or of the first that is missing.
    pub position: i64,
    /// The row's id, where there is a row.
    pub id: Option<String>,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a row, or between two of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The row does not fit its seal: it was altered.
    Altered,
    /// The row was put in: the next one goes on from the row before it.
    Inserted,
    /// The rows from here to this position are missing.
    Removed(i64),
    /// The chain goes on from another row than the one before: something between them is missing, or this row was altered.
    Broken,
    /// The last row of a chain is not the one that was sealed last.
    CutOff,
    /// The row was removed after its time, as is kept, and is there.
    BackAgain,
    /// What is kept of the rows that were removed after their time cannot be right.
    WrongBeginning,
    /// The log does not have the seal that the given head names.
    AnotherHead,
    /// The log ends before the position that the given head names.
    BehindHead,
}

/// What a verification found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Sealed rows that were looked at.
    pub sealed: u64,
    /// Those of them that were erased.
    pub erased: u64,
    /// Everything that is wrong, in order; at most [`MOST_FINDINGS`](Report::MOST_FINDINGS).
    pub findings: Vec<Finding>,
    /// How many findings there were in all.
    pub found: u64,
    /// How far the log is sealed.
    pub head: Head,
    /// The given head is older than rows that were removed since, so that it cannot be compared.
    pub head_is_too_old: bool,
}

impl Report {
    /// More findings than this are only counted.
    pub const MOST_FINDINGS: usize = 100;

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.found == 0
    }
}

/// One chain on the way.
#[derive(Debug, Clone)]
struct Link {
    state: ChainState,
    /// The last row did not fit.
    doubted: Option<Doubted>,
    /// The position and the seal of the last row.
    last: (i64, Seal),
    /// Rows are missing since the last one.
    gap: bool,
    /// The seal when the position of the given head was passed.
    at_head: Option<Seal>,
}

/// A row that does not fit its seal. The next one shows what is wrong with it.
#[derive(Debug, Clone)]
struct Doubted {
    /// The seal before it: if the next row goes on from there, this one was put in.
    before: Seal,
    /// The seal that it should have: if the next row goes on from there, only its seal was altered.
    computed: Seal,
    finding: Finding,
}

/// Verifies a log row by row.
#[derive(Debug, Clone)]
pub struct Verifier {
    links: [Link; 2],
    position: i64,
    expected: Option<Head>,
    report: Report,
}

impl Verifier {
    /// For a log with these chains (lasting, passing). `expected` is a head that was kept elsewhere.
    #[must_use]
    pub fn new(chains: [ChainState; 2], expected: Option<Head>) -> Self {
        let links = chains.map(|state| Link {
            last: (state.removed_position, state.removed_seal.clone()),
            doubted: None,
            gap: false,
            at_head: None,
            state,
        });
        // Where nothing was removed, the first row has the position 1.
        let mut verifier = Self { links, position: 0, expected, report: Report::default() };
        let states = verifier.links.each_ref().map(|link| link.state.clone());
        for state in states.into_iter().filter(ChainState::is_odd) {
            let position = state.removed_position;
            verifier.find(Finding { position, id: None, fault: Fault::WrongBeginning });
        }
        verifier
    }

    /// Looks at the next sealed row, in the order of positions.
    pub fn look_at(&mut self, row: &EventRow) {
        let position = row.position.unwrap_or_default();
        self.pass_head(position);
        self.report.sealed += 1;
        self.report.erased += u64::from(row.erased);
        let whole_from = self.links.iter().map(|link| link.state.removed_position).max().unwrap_or_default();
        let expected = self.position.max(whole_from).saturating_add(1);
        if position > expected {
            self.find(Finding { position: expected, id: None, fault: Fault::Removed(position - 1) });
            self.links.iter_mut().for_each(|link| link.gap = true);
        }
        self.position = self.position.max(position);
        let chain = index(Chain::of(&row.action));
        // The last row that was removed from the other chain is of that chain, and gone.
        let other = self.links.iter().enumerate().find(|(place, _)| *place != chain);
        if other.is_some_and(|(_, link)| link.state.removed_position == position) {
            let id = Some(row.id.clone());
            self.find(Finding { position, id, fault: Fault::WrongBeginning });
        }
        let found = self.links[chain].look_at(row, position, whole_from);
        for finding in found {
            self.find(finding);
        }
    }

    /// What was found, after the last row.
    #[must_use]
    pub fn end(mut self) -> Report {
        self.pass_head(i64::MAX);
        let sealed_to = self.links.iter().map(|link| link.state.position).max().unwrap_or_default();
        let whole_from = self.links.iter().map(|link| link.state.removed_position).max().unwrap_or_default();
        let first_missing = self.position.max(whole_from).saturating_add(1);
        let is_cut_off = first_missing <= sealed_to;
        if is_cut_off {
            self.find(Finding { position: first_missing, id: None, fault: Fault::Removed(sealed_to) });
        }
        for mut link in self.links.clone() {
            let doubted = link.doubted.take();
            let (position, seal) = &link.last;
            let differs = link.state.position != *position || link.state.seal != *seal;
            if let Some(doubted) = &doubted {
                self.find(doubted.finding.clone());
            }
            if differs && doubted.is_none() && !is_cut_off {
                let position = link.state.position.max(*position);
                self.find(Finding { position, id: None, fault: Fault::CutOff });
            }
        }
        if let Some(expected) = self.expected.clone() {
            self.compare_head(&expected);
        }
        let [lasting, passing] = &self.links;
        self.report.head = Head {
            position: lasting.state.position.max(passing.state.position),
            lasting: lasting.state.seal.clone(),
            passing: passing.state.seal.clone(),
        };
        self.report
    }

    fn compare_head(&mut self, expected: &Head) {
        let position = expected.position;
        if self.links.iter().all(|link| link.state.position < position) {
            self.find(Finding { position, id: None, fault: Fault::BehindHead });
        }
        for chain in Chain::ALL {
            let link = &self.links[index(chain)];
            if link.state.removed_position > position {
                self.report.head_is_too_old = true;
            } else if link.at_head.as_deref() != Some(expected.seal(chain)) {
                self.find(Finding { position, id: None, fault: Fault::AnotherHead });
            }
        }
    }

    /// Notes the seals at the position of the given head, before the first row that is beyond it.
    fn pass_head(&mut self, next: i64) {
        let Some(head) = &self.expected else { return };
        if next > head.position {
            for link in &mut self.links {
                let seal = &link.last.1;
                link.at_head.get_or_insert_with(|| seal.clone());
            }
        }
    }

    fn find(&mut self, finding: Finding) {
        self.report.found += 1;
        if self.report.findings.len() < Report::MOST_FINDINGS {
            self.report.findings.push(finding);
        }
    }
}

impl Link {
    /// Rows up to `whole_from` may be missing where their time was over.
    fn look_at(&mut self, row: &EventRow, position: i64, whole_from: i64) -> Vec<Finding> {
        let finding = |fault| Finding { position, id: Some(row.id.clone()), fault };
        if position <= self.state.removed_position {
            return vec![finding(Fault::BackAgain)];
        }
        let stored = row.seal.clone().unwrap_or_default();
        // Erasing removes the salt, and nothing else does.
        let odd = row.erased != row.salt.is_empty();
        let fits = |before: &str| !odd && seal_of(before, row) == stored;
        let mut found = Vec::new();
        let before = self.last.1.clone();
        if fits(&before) {
            found.extend(self.doubted.take().map(|doubted| doubted.finding));
        } else {
            match self.doubted.take() {
                Some(doubted) if fits(&doubted.before) => {
                    found.push(Finding { fault: Fault::Inserted, ..doubted.finding });
                }
                Some(doubted) if fits(&doubted.computed) => found.push(doubted.finding),
                doubted => {
                    found.extend(doubted.map(|doubted| doubted.finding));
                    // What follows on rows that are missing cannot fit; that they are missing was found already.
                    if !self.gap || odd {
                        let fault = if position <= whole_from { Fault::Broken } else { Fault::Altered };
                        let computed = seal_of(&before, row);
                        self.doubted = Some(Doubted { before, computed, finding: finding(fault) });
                    }
                }
            }
        }
        self.gap = false;
        self.last = (position, stored);
        found
    }
}

fn index(chain: Chain) -> usize {
    match chain {
        Chain::Lasting => 0,
        Chain::Passing => 1,
    }
}

#[cfg(test)]
mod tests;
