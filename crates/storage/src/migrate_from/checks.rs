//! What is odd at the source, found before anything is written.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::thread;

use super::error::MigrateError;
use super::findings::{Code, Findings};
use super::pages::read_ahead;
use super::settings;
use super::source::Source;
use super::standing::count;
use super::tables::{API_KEY, CONFIG, GROUP, MEMBER, Table};
use super::values::{Row, Taker, address_of, carried};
use super::{Stage, Telling, tables};
use crate::backup::Stop;

/// Reads every row; gives how many of each table are carried, and notes what is odd about them.
pub(super) fn all(
    source: &mut Source,
    taker: Taker,
    with_log: bool,
    findings: &mut Findings,
    stop: &Stop,
    telling: Telling<'_>,
) -> Result<BTreeMap<&'static str, u64>, MigrateError> {
    let mut rows = BTreeMap::new();
    for table in &tables::ALL {
        if !source.has(table, with_log) {
            if source.has(table, true) {
                findings.note_all(Code::OwnLog, table.name, count(&mut source.link, table)?, Vec::new());
            }
            continue;
        }
        let count = if table.name == CONFIG.name {
            let carried = settings::rows(source, taker, findings)?;
            u64::try_from(carried.len()).unwrap_or(0)
        } else {
            each(source, table, taker, findings, stop, telling)?
        };
        rows.insert(table.name, count);
    }
    parents(source, findings, stop)?;
    Ok(rows)
}

/// Every row of a table, which is read on another thread.
fn each(
    source: &mut Source,
    table: &'static Table,
    taker: Taker,
    findings: &mut Findings,
    stop: &Stop,
    telling: Telling<'_>,
) -> Result<u64, MigrateError> {
    let mut twins = Twins::default();
    let mut last: Option<Vec<String>> = None;
    let mut count = 0;
    thread::scope(|scope| {
        let (pages, _reader) = read_ahead(scope, source.pages(table, None), stop, |rows| rows);
        for page in pages {
            for read in page? {
                let Some(row) = carried(table, read, taker, findings) else { continue };
                count += 1;
                let key = table.key_of(&row);
                if last.as_ref() == Some(&key) {
                    findings.note(Code::DuplicateId, table.name, || key.join(" "));
                }
                last = Some(key);
                twins.add(table, &row);
            }
            telling(Stage::Checking { table: table.name, rows: count });
        }
        Ok::<_, MigrateError>(())
    })?;
    stopped(stop)?;
    if twins.were_seen() {
        duplicates(source, table, taker, &twins, findings, stop)?;
    }
    Ok(count)
}

/// After a stop, what was read is not all.
pub(super) fn stopped(stop: &Stop) -> Result<(), MigrateError> {
    if stop.is_asked() { Err(MigrateError::Stopped) } else { Ok(()) }
}

/// What no two rows of a table may share beside their key, as it is carried; and the finding where they do.
fn unique(table: &Table, row: &Row) -> Option<(Code, String)> {
    let cell = |name: &str| row.get(table.place(name)?)?.clone();
    if table.name == API_KEY.name {
        return Some((Code::DuplicateApiKey, cell("key")?));
    }
    if table.name == MEMBER.name {
        return Some((Code::DuplicateMember, format!("{}\0{}", cell("group_id")?, cell("user_id")?)));
    }
    Some((Code::DuplicateEmail, address_of(table, row)?))
}

/// What no two rows may share, by its hash: eight bytes for each row, however many there are.
#[derive(Default)]
struct Twins {
    hasher: RandomState,
    once: HashSet<u64>,
    twice: HashSet<u64>,
}

impl Twins {
    fn add(&mut self, table: &Table, row: &Row) {
        if let Some((_, shared)) = unique(table, row) {
            let hash = self.hasher.hash_one(&shared);
            if !self.once.insert(hash) {
                self.twice.insert(hash);
            }
        }
    }

    fn were_seen(&self) -> bool {
        !self.twice.is_empty()
    }

    fn may_have(&self, shared: &str) -> bool {
        self.twice.contains(&self.hasher.hash_one(shared))
    }
}

/// The rows behind hashes that came twice, compared letter by letter.
fn duplicates(
    source: &mut Source,
    table: &'static Table,
    taker: Taker,
    twins: &Twins,
    findings: &mut Findings,
    stop: &Stop,
) -> Result<(), MigrateError> {
    let mut rows: BTreeMap<String, (Code, Vec<String>)> = BTreeMap::new();
    let mut pages = source.pages(table, None);
    // Told already.
    let mut told = Findings::default();
    loop {
        stopped(stop)?;
        let page = pages.next()?;
        if page.is_empty() {
            break;
        }
        for row in page.into_iter().filter_map(|read| carried(table, read, taker, &mut told)) {
            if let Some((code, shared)) = unique(table, &row).filter(|(_, shared)| twins.may_have(shared)) {
                rows.entry(shared).or_insert((code, Vec::new())).1.push(table.key_of(&row).join(" "));
            }
        }
    }
    for (shared, (code, ids)) in rows.into_iter().filter(|(_, (_, ids))| ids.len() > 1) {
        // One membership of several is as good as the others.
        let first = usize::from(code == Code::DuplicateMember);
        for id in ids.into_iter().skip(first) {
            let is_address = code == Code::DuplicateEmail;
            findings.note(code, table.name, || if is_address { format!("{id} {shared}") } else { id });
        }
    }
    Ok(())
}

/// Parents that are not there, and groups above themselves.
fn parents(source: &mut Source, findings: &mut Findings, stop: &Stop) -> Result<(), MigrateError> {
    if !source.layout.group_parents {
        return Ok(());
    }
    let cast = if source.link.is_sqlite() { "" } else { "::text" };
    let sql = format!("SELECT id{cast}, parent_group_id{cast} FROM \"group\" ORDER BY 1");
    let rows = source.link.rows(&sql, &[])?;
    let mut above: BTreeMap<String, Option<String>> = BTreeMap::new();
    for row in rows {
        let mut cells = row.into_iter();
        let (Some(Some(id)), Some(parent)) = (cells.next(), cells.next()) else { continue };
        above.insert(id, parent);
    }
    for (id, parent) in &above {
        if parent.as_ref().is_some_and(|parent| !above.contains_key(parent)) {
            findings.note(Code::MissingParent, GROUP.name, || id.clone());
        }
    }
    for id in rings(&above, stop)? {
        findings.note(Code::ParentLoop, GROUP.name, || id.to_owned());
    }
    Ok(())
}

/// The groups that are above themselves, each looked at once.
fn rings<'a>(above: &'a BTreeMap<String, Option<String>>, stop: &Stop) -> Result<Vec<&'a str>, MigrateError> {
    // By which walk each group was come to.
    let mut walks: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::new();
    for (walk, id) in above.keys().enumerate() {
        stopped(stop)?;
        let mut way = Vec::new();
        let mut at = Some(id.as_str());
        while let Some(group) = at.filter(|group| above.contains_key(*group)) {
            match walks.get(group) {
                None => {}
                Some(earlier) if *earlier == walk => {
                    // Come round: the ring is the way from here on.
                    found.extend(way.into_iter().skip_while(|passed| *passed != group));
                    break;
                }
                Some(_earlier) => break,
            }
            walks.insert(group, walk);
            way.push(group);
            at = above.get(group).and_then(Option::as_deref);
        }
    }
    found.sort_unstable();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::tables::USER;
    use super::*;

    fn tree(parents: impl IntoIterator<Item = (String, Option<String>)>) -> BTreeMap<String, Option<String>> {
        parents.into_iter().collect()
    }

    #[test]
    fn a_group_in_a_ring_is_above_itself_and_one_below_the_ring_is_not() {
        let above = [
            ("0-below", Some("below")),
            ("a", Some("b")),
            ("b", Some("a")),
            ("below", Some("a")),
            ("lost", Some("nobody")),
            ("self", Some("self")),
            ("top", None),
        ];
        let above = tree(above.map(|(id, parent)| (id.to_owned(), parent.map(str::to_owned))));
        assert_eq!(rings(&above, &Stop::default()).unwrap(), ["a", "b", "self"]);
    }

    #[test]
    fn each_group_is_looked_at_once_and_a_stop_is_heard() {
        // A chain of so many groups below a ring: by pairs that would be two and a half billion.
        let parent = |i: usize| if i == 0 { "000001".to_owned() } else { format!("{:06}", i - 1) };
        let above = tree((0..50_000).map(|i| (format!("{i:06}"), Some(parent(i)))));
        let began = std::time::Instant::now();
        assert_eq!(rings(&above, &Stop::default()).unwrap(), ["000000", "000001"]);
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
        let stop = Stop::default();
        stop.now();
        assert!(matches!(rings(&above, &stop), Err(MigrateError::Stopped)));
    }

    fn row(table: &Table, cells: &[(&str, &str)]) -> Row {
        let mut row = vec![None; table.columns.len()];
        for (column, text) in cells {
            row[table.place(column).unwrap()] = Some((*text).to_owned());
        }
        row
    }

    #[test]
    fn addresses_that_differ_in_case_are_the_same() {
        let mut twins = Twins::default();
        for address in ["ada@example.com", " Ada@Example.com", "bob@example.com"] {
            twins.add(&USER, &row(&USER, &[("email", address)]));
        }
        assert!(twins.may_have("ada@example.com") && !twins.may_have("bob@example.com"));
    }

    #[test]
    fn a_key_and_a_membership_are_there_once() {
        let mut twins = Twins::default();
        for (group, user) in [("g", "u"), ("g", "v"), ("h", "u")] {
            twins.add(&MEMBER, &row(&MEMBER, &[("group_id", group), ("user_id", user)]));
        }
        assert!(!twins.were_seen());
        twins.add(&MEMBER, &row(&MEMBER, &[("group_id", "h"), ("user_id", "u")]));
        assert!(twins.may_have("h\0u") && !twins.may_have("g\0u"));
        let mut twins = Twins::default();
        for key in ["one", "other", "one"] {
            twins.add(&API_KEY, &row(&API_KEY, &[("key", key)]));
        }
        assert!(twins.may_have("one") && !twins.may_have("other"));
    }
}
