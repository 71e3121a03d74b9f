//! What is away while rows are copied, and comes back after it: indexes, constraints and triggers. To build an index at once is
//! many times faster than to keep it up to date row by row.
//!
//! Each is a statement that waits in the target's own table until it was run, so that a process that is killed leaves
//! nothing away.

use super::link::{Link, literal};
use super::pages::Columns;
use super::tables::{ALL, SEARCH};
use crate::StoreResult;

/// A statement that waits, under a name that puts it in its place among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) sql: String,
}

/// Takes away what is there, in the transaction of the caller; gives the statements that bring it back. What is
/// [derived](derived) is not among them.
pub(super) fn take_away(link: &mut Link) -> StoreResult<Vec<Step>> {
    let found = link.rows(&present(link.is_sqlite()), &[])?;
    let mut steps = Vec::new();
    let mut drops = Vec::new();
    for row in found {
        let mut cells = row.into_iter().map(Option::unwrap_or_default);
        let (Some(name), Some(drop), Some(sql)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        drops.push(drop);
        steps.push(Step { name, sql });
    }
    // Constraints that need an index go before it.
    drops.sort_by_key(|drop| !drop.starts_with("ALTER TABLE"));
    for drop in &drops {
        link.execute(drop)?;
    }
    Ok(steps)
}

/// What triggers would have written row by row, and what no longer holds, of those tables that are there.
pub(super) fn derived(is_sqlite: bool, there: &Columns) -> Vec<Step> {
    let mut derived = vec![
        (
            "rosterd_counter",
            "1 number of users",
            "UPDATE rosterd_counter SET value = (SELECT count(*) FROM \"user\") WHERE name = 'users'",
        ),
        (
            "rosterd_member_name",
            "1 names of members",
            "DELETE FROM rosterd_member_name; INSERT INTO rosterd_member_name (group_id, name, user_id) \
             SELECT m.group_id, u.name, u.id FROM group_member m JOIN \"user\" u ON u.id = m.user_id \
             ORDER BY m.group_id, u.name, u.id",
        ),
        // It is for the first account, and that is there.
        ("rosterd_setup_token", "1 set-up token", "DELETE FROM rosterd_setup_token"),
    ];
    if is_sqlite {
        let rebuild = "INSERT INTO rosterd_user_fts (rosterd_user_fts) VALUES ('rebuild')";
        derived.push(("rosterd_user_fts", "1 search", rebuild));
    } else {
        derived.push(("user", "5 statistics", "ANALYZE"));
    }
    derived.retain(|(table, ..)| there.contains_key(*table));
    let step = |(_, name, sql): (&str, &str, &str)| Step { name: name.to_owned(), sql: sql.to_owned() };
    derived.into_iter().map(step).collect()
}

/// A query for what is to be away: its place and name, how it goes, and how it comes back.
fn present(is_sqlite: bool) -> String {
    let tables: Vec<String> = ALL.iter().chain([&SEARCH]).map(|table| literal(table.name)).collect();
    let tables = tables.join(", ");
    if is_sqlite {
        return format!(
            "SELECT (CASE type WHEN 'index' THEN '2 ' ELSE '4 ' END) || name AS step, \
             'DROP ' || type || ' \"' || name || '\"' AS gone, sql AS back FROM sqlite_master \
             WHERE type IN ('index', 'trigger') AND sql IS NOT NULL AND tbl_name IN ({tables})"
        );
    }
    format!(
        "SELECT '2 ' || c.relname AS step, format('DROP INDEX %I.%I', n.nspname, c.relname) AS gone, \
         pg_get_indexdef(i.indexrelid) AS back \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace \
         WHERE n.nspname = current_schema() AND t.relname IN ({tables}) \
         AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype <> 'f') \
         UNION ALL \
         SELECT '3 ' || k.conname || ' ' || t.relname, \
         format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, t.relname, k.conname), \
         format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, t.relname, k.conname, pg_get_constraintdef(k.oid)) \
         FROM pg_constraint k JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
         WHERE k.contype = 'f' AND n.nspname = current_schema() AND t.relname IN ({tables}) \
         UNION ALL \
         SELECT '4 ' || g.tgname || ' ' || t.relname, format('DROP TRIGGER %I ON %I.%I', g.tgname, n.nspname, t.relname), \
         pg_get_triggerdef(g.oid) \
         FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
         WHERE NOT g.tgisinternal AND n.nspname = current_schema() AND t.relname IN ({tables})"
    )
}
