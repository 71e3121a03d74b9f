//! What is odd at the source, found before anything is written.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::thread;

use super::error::MigrateError;
use super::findings::{Code, Findings};
use super::link::quoted;
use super::pages::{disowned, read_ahead};
use super::settings;
use super::source::Source;
use super::tables::{API_KEY, AUTH, CONFIG, GROUP, MEMBER, Table, USER};
use super::values::{Row, Taker, address_of, carried};
use super::{Stage, Telling, tables};
use crate::StoreResult;
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
            continue;
        }
        let count = if table.name == CONFIG.name {
            let carried = settings::rows(source, taker, findings)?;
            u64::try_from(carried.len()).unwrap_or(0)
        } else {
            orphans(source, table, findings)?;
            each(source, table, taker, findings, stop, telling)?
        };
        rows.insert(table.name, count);
    }
    relations(source, findings)?;
    parents(source, findings)?;
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
    let mut addresses = Addresses::default();
    let mut last: Option<Vec<String>> = None;
    let mut count = 0;
    thread::scope(|scope| {
        let (pages, _reader) = read_ahead(scope, source.pages(table, None), stop, |rows| rows);
        for page in pages {
            for row in page? {
                let Some(row) = carried(table, row, taker, findings) else { continue };
                count += 1;
                let key = table.key_of(&row);
                if last.as_ref() == Some(&key) {
                    findings.note(Code::DuplicateId, table.name, || key.join(" "));
                }
                last = Some(key);
                addresses.add(table, &row);
            }
            telling(Stage::Checking { table: table.name, rows: count });
        }
        Ok::<_, MigrateError>(())
    })?;
    stopped(stop)?;
    if addresses.has_twice() {
        duplicates(source, table, &addresses, findings, stop)?;
    }
    Ok(count)
}

/// After a stop, what was read is not all.
pub(super) fn stopped(stop: &Stop) -> Result<(), MigrateError> {
    if stop.is_asked() { Err(MigrateError::Stopped) } else { Ok(()) }
}

/// The e-mail addresses of a table by their hashes: eight bytes for each account, however many there are.
#[derive(Default)]
struct Addresses {
    hasher: RandomState,
    once: HashSet<u64>,
    twice: HashSet<u64>,
}

impl Addresses {
    fn add(&mut self, table: &Table, row: &Row) {
        if let Some(address) = address_of(table, row) {
            let hash = self.hasher.hash_one(&address);
            if !self.once.insert(hash) {
                self.twice.insert(hash);
            }
        }
    }

    fn has_twice(&self) -> bool {
        !self.twice.is_empty()
    }

    fn may_be_twice(&self, address: &str) -> bool {
        self.twice.contains(&self.hasher.hash_one(address))
    }
}

/// The rows behind hashes that came twice, compared letter by letter.
fn duplicates(
    source: &mut Source,
    table: &'static Table,
    addresses: &Addresses,
    findings: &mut Findings,
    stop: &Stop,
) -> Result<(), MigrateError> {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut pages = source.pages(table, None);
    loop {
        stopped(stop)?;
        let page = pages.next()?;
        if page.is_empty() {
            break;
        }
        for row in page {
            if let Some(address) = address_of(table, &row).filter(|address| addresses.may_be_twice(address)) {
                rows.entry(address).or_default().push(table.key_of(&row).join(" "));
            }
        }
    }
    for (address, ids) in rows.into_iter().filter(|(_, ids)| ids.len() > 1) {
        for id in ids {
            findings.note(Code::DuplicateEmail, table.name, || format!("{id} {address}"));
        }
    }
    Ok(())
}

/// Rows whose owners are not there.
fn orphans(source: &mut Source, table: &Table, findings: &mut Findings) -> StoreResult<()> {
    let Some(condition) = disowned(table) else { return Ok(()) };
    found(source, Code::Orphan, table, &condition, findings)
}

/// Notes the rows for which the condition on `t` holds.
fn found(
    source: &mut Source,
    code: Code,
    table: &Table,
    condition: &str,
    findings: &mut Findings,
) -> StoreResult<()> {
    let rows = source.count(condition, table)?;
    if rows == 0 {
        return Ok(());
    }
    let cast = if source.link.is_sqlite() { "" } else { "::text" };
    let id = quoted(table.key[0]);
    let sql = format!(
        "SELECT t.{id}{cast} FROM {} t WHERE {condition} ORDER BY 1 LIMIT {}",
        quoted(table.name),
        Findings::most_named()
    );
    let named = source.link.texts(&sql)?;
    findings.note_all(code, table.name, rows, named);
    Ok(())
}

/// What only several rows show together.
fn relations(source: &mut Source, findings: &mut Findings) -> StoreResult<()> {
    let no_auth = "NOT EXISTS (SELECT 1 FROM auth a WHERE a.id = t.id)";
    found(source, Code::NoAuth, &USER, no_auth, findings)?;
    let same_key = "EXISTS (SELECT 1 FROM api_key o WHERE o.\"key\" = t.\"key\" AND o.id <> t.id)";
    found(source, Code::DuplicateApiKey, &API_KEY, same_key, findings)?;
    let same_member = "EXISTS (SELECT 1 FROM group_member o \
         WHERE o.user_id = t.user_id AND o.group_id = t.group_id AND o.id < t.id)";
    found(source, Code::DuplicateMember, &MEMBER, same_member, findings)?;
    if source.layout.newer.mfa {
        let text = if source.link.is_sqlite() { "t.mfa" } else { "t.mfa::text" };
        let factor = format!("t.mfa IS NOT NULL AND {text} NOT IN ('null', '{{}}', '')");
        found(source, Code::SecondFactor, &AUTH, &factor, findings)?;
    }
    if source.link.is_sqlite() {
        // Two rows whose ids are bytes may read alike.
        for table in [&USER, &GROUP] {
            found(source, Code::UnreadableId, table, "typeof(t.id) NOT IN ('text', 'null')", findings)?;
        }
    }
    Ok(())
}

/// Parents that are not there, and groups above themselves.
fn parents(source: &mut Source, findings: &mut Findings) -> StoreResult<()> {
    if !source.layout.group_parents {
        return Ok(());
    }
    let cast = if source.link.is_sqlite() { "" } else { "::text" };
    let sql = format!("SELECT id{cast}, parent_group_id{cast} FROM \"group\" ORDER BY 1");
    let rows = source.link.rows(&sql, &[])?;
    let mut above: HashMap<String, Option<String>> = HashMap::new();
    let mut ids = Vec::new();
    for row in rows {
        let mut cells = row.into_iter();
        let (Some(Some(id)), Some(parent)) = (cells.next(), cells.next()) else { continue };
        ids.push(id.clone());
        above.insert(id, parent);
    }
    for id in ids {
        if let Some(Some(parent)) = above.get(&id)
            && !above.contains_key(parent)
        {
            findings.note(Code::MissingParent, GROUP.name, || id.clone());
        }
        if is_above_itself(&above, &id) {
            findings.note(Code::ParentLoop, GROUP.name, || id.clone());
        }
    }
    Ok(())
}

fn is_above_itself(above: &HashMap<String, Option<String>>, id: &str) -> bool {
    let parent = |id: &str| above.get(id).and_then(Option::as_deref);
    let mut at = parent(id);
    // A way that is longer than there are groups has come round, if not to this one.
    for _ in 0..above.len() {
        match at {
            Some(group) if group == id => return true,
            Some(group) => at = parent(group),
            None => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_in_a_ring_is_above_itself_and_one_below_the_ring_is_not() {
        let above =
            [("a", Some("b")), ("b", Some("a")), ("below", Some("a")), ("top", None), ("self", Some("self"))];
        let above: HashMap<String, Option<String>> =
            above.map(|(id, parent)| (id.to_owned(), parent.map(str::to_owned))).into();
        let rings: Vec<bool> =
            ["a", "b", "below", "top", "self", "nobody"].map(|id| is_above_itself(&above, id)).into();
        assert_eq!(rings, [true, true, false, false, true, false]);
    }

    #[test]
    fn addresses_that_differ_in_case_are_the_same() {
        let mut addresses = Addresses::default();
        for address in ["ada@example.com", " Ada@Example.com", "bob@example.com"] {
            let mut row = vec![None; USER.columns.len()];
            row[USER.place("email").unwrap()] = Some(address.to_owned());
            addresses.add(&USER, &row);
        }
        assert!(addresses.may_be_twice("ada@example.com") && !addresses.may_be_twice("bob@example.com"));
    }
}
