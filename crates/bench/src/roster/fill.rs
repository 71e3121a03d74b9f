//! Fills a database, fast: plain multi-row inserts, with indexes and triggers away until the end.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::thread;

use rosterd_domain::list::fold;
use rosterd_storage::{DatabaseUrl, raw};

use super::people::{self, Person};
use super::{Content, Order, Size, Tables, migrated, webui};
use crate::Result;

/// People in one call to the database, and rows in one statement.
const BATCH: usize = 20_000;
const ROWS: usize = 400;

/// Of "correct horse battery staple"; nobody signs in here.
const HASH: &str = "$2b$12$K7bVQ5zW0V8sBz0cJb1p5uX8c0m6sYy4n1w2q3e4r5t6y7u8i9o0a";

/// A million users in about a minute.
pub(super) fn sqlite(path: &Path, content: Content) -> Result<()> {
    let url = match content.tables {
        Tables::Own => migrated(path)?,
        Tables::WebUi => webui(path)?,
    };
    // Ours come back at the end: building an index at once is many times faster than keeping it up to date.
    let ours = raw::query_text(
        &url,
        "SELECT type, name, sql FROM sqlite_master \
         WHERE type IN ('index', 'trigger') AND name LIKE 'rosterd\\_%' ESCAPE '\\' AND sql IS NOT NULL",
    )?;
    let ours: Vec<[String; 3]> = ours.into_iter().filter_map(whole).collect();
    let drops = statements(&ours, |[kind, name, _]| format!("DROP {kind} \"{name}\""));
    // Nothing is durable on the way: a half-made file is never used. The ids are random, so each batch changes pages all over the
    // indexes; they are written once, at the end, as long as they fit into the cache.
    let fast = format!(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; PRAGMA threads = 2; \
         PRAGMA cache_size = -{};",
        cache_kibibytes(content.users)
    );
    let mut connection = raw::Connection::open(&url)?;
    connection.execute(&format!("{fast}{drops}BEGIN"))?;
    each_batch(content, |batch| Ok(connection.execute(&batch)?))?;
    let creates = statements(&ours, |[_, _, sql]| sql.clone());
    let finish = match content.tables {
        Tables::Own => format!(
            "UPDATE rosterd_counter SET value = (SELECT count(*) FROM \"user\") WHERE name = 'users'; {MEMBER_NAMES} \
             INSERT INTO rosterd_user_fts (rosterd_user_fts) VALUES ('rebuild'); {creates} \
             PRAGMA journal_mode = WAL;"
        ),
        Tables::WebUi => "PRAGMA journal_mode = DELETE;".to_owned(),
    };
    Ok(connection.execute(&format!("COMMIT;{finish}"))?)
}

/// Room for the indexes that cannot be made at the end, those of keys: less than half a kilobyte for each user.
fn cache_kibibytes(users: usize) -> usize {
    (users / 2).clamp(100_000, 2_500_000)
}

/// The same into a PostgreSQL database that has the tables.
pub(super) fn postgres(url: &str, content: Content) -> Result<()> {
    let url = DatabaseUrl::parse(url)?;
    let ours = raw::query_text(
        &url,
        "SELECT indexname, indexdef FROM pg_indexes \
         WHERE schemaname = current_schema() AND indexname LIKE 'rosterd\\_ix\\_%'",
    )?;
    let ours: Vec<[String; 2]> = ours.into_iter().filter_map(whole).collect();
    let drops = statements(&ours, |[name, _]| format!("DROP INDEX \"{name}\""));
    raw::execute(&url, &format!("{drops} ALTER TABLE group_member DISABLE TRIGGER USER"))?;
    each_batch(content, |batch| Ok(raw::execute(&url, &batch)?))?;
    let member_names = if content.tables == Tables::Own { MEMBER_NAMES } else { "" };
    raw::execute(&url, &format!("{member_names} ALTER TABLE group_member ENABLE TRIGGER USER"))?;
    let creates = statements(&ours, |[_, sql]| sql.clone());
    // The test kit's server runs without autovacuum, which would have done this by now.
    raw::execute(&url, &format!("SET maintenance_work_mem = '512MB'; {creates}"))?;
    Ok(raw::execute(&url, "VACUUM ANALYZE")?)
}

/// What the triggers on memberships would have written row by row.
const MEMBER_NAMES: &str = "INSERT INTO rosterd_member_name (group_id, name, user_id) \
    SELECT m.group_id, u.name, u.id FROM group_member m JOIN \"user\" u ON u.id = m.user_id \
    ORDER BY m.group_id, u.name, u.id;";

/// A row without NULLs as an array.
fn whole<const N: usize>(row: raw::TextRow) -> Option<[String; N]> {
    row.into_iter().collect::<Option<Vec<_>>>()?.try_into().ok()
}

/// One statement for each, separated by semicolons.
fn statements<const N: usize>(rows: &[[String; N]], sql: impl Fn(&[String; N]) -> String) -> String {
    let mut text = rows.iter().map(sql).collect::<Vec<_>>().join(";");
    if !text.is_empty() {
        text.push(';');
    }
    text
}

/// The id of a group.
pub(super) fn group_id(number: usize) -> String {
    people::row_id(2, number)
}

/// Writes the groups and everybody, batch by batch. While one is written, the next is put together.
fn each_batch(content: Content, mut run: impl FnMut(String) -> Result<()>) -> Result<()> {
    run(groups())?;
    let places = match content.order {
        Order::Arrival => Vec::new(),
        Order::Shuffled => people::shuffled(content.users),
    };
    thread::scope(|scope| {
        let (sender, batches) = sync_channel(1);
        scope.spawn(move || {
            for start in (0..content.users).step_by(BATCH) {
                let numbers = start..content.users.min(start + BATCH);
                let batch: Vec<Person> = numbers
                    .map(|place| person(places.get(place).copied().unwrap_or(place), content))
                    .collect();
                if sender.send(inserts(&batch, start, content)).is_err() {
                    // The database took no more, and said why.
                    return;
                }
            }
        });
        batches.into_iter().try_for_each(&mut run)
    })
}

/// The person with this number, as much as there is to be of it.
fn person(number: usize, content: Content) -> Person {
    let person = people::person(number, content.users);
    match content.size {
        Size::Full => person,
        Size::Slim => person.slim(number, content.users),
    }
}

fn groups() -> String {
    let mut rows = Rows::new(
        "INSERT INTO \"group\" (id, user_id, name, description, data, meta, permissions, created_at, updated_at) VALUES ",
    );
    let owner = people::person(0, 1).id;
    for number in 0..people::GROUPS {
        let tools = number % 3 == 0;
        let permissions = format!(
            r#"{{"workspace": {{"models": {tools}, "knowledge": true, "tools": {tools}}}, "chat": {{"delete": true, "export": {tools}}}, "features": {{"web_search": true, "direct_tool_servers": {}}}}}"#,
            number % 10 == 0,
        );
        let at = 1_672_531_200 + number * 3600;
        rows.push(&[
            Value::Text(&group_id(number)),
            Value::Text(&owner),
            Value::Text(&format!("Group {number:02}")),
            Value::Text("Made up for measuring."),
            Value::Null,
            Value::Null,
            Value::Text(&permissions),
            Value::Number(at as u64),
            Value::Number(at as u64),
        ]);
    }
    rows.finish()
}

/// Everybody of a batch, in every table they have a row in.
fn inserts(batch: &[Person], start: usize, content: Content) -> String {
    let mut users = Rows::new(
        "INSERT INTO \"user\" (id, name, email, role, created_at, updated_at, last_active_at, settings, \
         profile_image_url) VALUES ",
    );
    let mut auths = Rows::new("INSERT INTO auth (id, email, password, active) VALUES ");
    let mut search = Rows::new("INSERT INTO rosterd_user_search (user_id, folded) VALUES ");
    let mut members =
        Rows::new("INSERT INTO group_member (id, group_id, user_id, created_at, updated_at) VALUES ");
    let mut sessions =
        Rows::new("INSERT INTO rosterd_session (id, user_id, method, created_at, last_seen_at) VALUES ");
    for (offset, person) in batch.iter().enumerate() {
        users.push(&[
            Value::Text(&person.id),
            Value::Text(&person.name),
            Value::Text(&person.email),
            Value::Text(person.role),
            Value::Number(person.created_at),
            Value::Number(person.updated_at),
            Value::Number(person.last_active_at),
            Value::Text(&person.settings),
            Value::Text(&person.picture),
        ]);
        auths.push(&[
            Value::Text(&person.id),
            Value::Text(&person.email),
            Value::Text(HASH),
            Value::Word("true"),
        ]);
        if content.tables == Tables::Own {
            let folded = format!("{}\n{}", fold(&person.name), fold(&person.email));
            search.push(&[Value::Text(&person.id), Value::Text(&folded)]);
        }
        if content.tables == Tables::Own && person.has_session {
            // Under the id of its user: that is a random UUID too.
            sessions.push(&[
                Value::Text(&person.id),
                Value::Text(&person.id),
                Value::Text("password"),
                Value::Number(person.created_at),
                Value::Number(person.last_active_at),
            ]);
        }
        for (nth, group) in person.groups.iter().enumerate() {
            members.push(&[
                Value::Text(&people::row_id(3, (start + offset) * 4 + nth)),
                Value::Text(&group_id(*group)),
                Value::Text(&person.id),
                Value::Number(person.created_at),
                Value::Number(person.created_at),
            ]);
        }
    }
    [users, auths, search, members, sessions].map(Rows::finish).concat()
}

/// A value in SQL.
enum Value<'a> {
    Text(&'a str),
    Number(u64),
    Word(&'a str),
    Null,
}

/// Multi-row inserts into one table.
struct Rows {
    head: &'static str,
    sql: String,
    pushed: usize,
}

impl Rows {
    fn new(head: &'static str) -> Self {
        Self { head, sql: String::new(), pushed: 0 }
    }

    fn push(&mut self, values: &[Value<'_>]) {
        if self.pushed.is_multiple_of(ROWS) {
            self.end_statement();
            self.sql.push_str(self.head);
        } else {
            self.sql.push(',');
        }
        self.pushed += 1;
        for (index, value) in values.iter().enumerate() {
            self.sql.push(if index == 0 { '(' } else { ',' });
            match value {
                // Standard strings on both databases: only the quote is special.
                Value::Text(text) => {
                    self.sql.push('\'');
                    self.sql.push_str(&text.replace('\'', "''"));
                    self.sql.push('\'');
                }
                Value::Number(number) => {
                    let _writing_to_a_string_cannot_fail = write!(self.sql, "{number}");
                }
                Value::Word(word) => self.sql.push_str(word),
                Value::Null => self.sql.push_str("NULL"),
            }
        }
        self.sql.push(')');
    }

    fn end_statement(&mut self) {
        if self.pushed > 0 {
            self.sql.push(';');
        }
    }

    fn finish(mut self) -> String {
        self.end_statement();
        self.sql
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_quoted_and_statements_ended() {
        let mut rows = Rows::new("INSERT INTO t VALUES ");
        rows.push(&[Value::Text("o'b"), Value::Null]);
        rows.push(&[Value::Number(7), Value::Word("true")]);
        assert_eq!(rows.finish(), "INSERT INTO t VALUES ('o''b',NULL),(7,true);");
        assert_eq!(Rows::new("INSERT INTO t VALUES ").finish(), "");
    }

    /// A folder that goes with its test.
    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new() -> Self {
            let folder = std::env::temp_dir().join(format!("rosterd-bench-{}", uuid::Uuid::new_v4()));
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        /// Fills a file, and gives what answers questions about it with one value.
        fn filled(&self, content: Content) -> impl Fn(&str) -> String {
            let path = self.0.join(content.name());
            sqlite(&path, content).unwrap();
            let url = DatabaseUrl::parse(&path.display().to_string()).unwrap();
            move |sql| raw::query_text(&url, sql).unwrap()[0][0].clone().unwrap()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _already_gone = std::fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_small_roster_is_whole_in_both_kinds_of_tables() {
        let folder = Folder::new();
        for tables in [Tables::Own, Tables::WebUi] {
            let one = folder.filled(Content::usual(tables, 1000));
            assert_eq!(one("SELECT count(*) FROM \"user\""), "1000");
            assert_eq!(one("SELECT count(*) FROM auth"), "1000");
            assert_eq!(one("SELECT count(*) FROM group_member"), "2750");
            if tables == Tables::Own {
                assert_eq!(one("SELECT count(*) FROM rosterd_session"), "1000");
                assert_eq!(one("SELECT count(*) FROM rosterd_member_name"), "2750");
                assert_eq!(one("SELECT value FROM rosterd_counter WHERE name = 'users'"), "1000");
                let found = "SELECT count(*) FROM rosterd_user_fts WHERE folded MATCH '\"quillfea\"'";
                assert_eq!(one(found), people::RARE.to_string());
            }
        }
    }

    #[test]
    fn a_shuffled_roster_has_the_same_people_in_another_order() {
        let folder = Folder::new();
        let usual = Content::usual(Tables::Own, 1000);
        let (usual, shuffled) =
            (folder.filled(usual), folder.filled(Content { order: Order::Shuffled, ..usual }));
        let everybody = "SELECT group_concat(id) FROM (SELECT id FROM \"user\" ORDER BY id)";
        assert_eq!(shuffled(everybody), usual(everybody));
        let in_place = "SELECT count(*) FROM \"user\" u JOIN \"user\" n ON n.rowid = u.rowid + 1 \
                        WHERE n.created_at >= u.created_at";
        assert_eq!(usual(in_place), "999");
        let by_chance: u32 = shuffled(in_place).parse().unwrap();
        assert!((400..600).contains(&by_chance), "{by_chance}");
    }

    #[test]
    fn a_slim_roster_has_whole_callers_and_little_of_everybody_else() {
        let folder = Folder::new();
        let usual = Content::usual(Tables::Own, 10_000);
        let one = folder.filled(Content { size: Size::Slim, ..usual });
        assert_eq!(one("SELECT count(*) FROM \"user\""), "10000");
        assert_eq!(one("SELECT count(*) FROM \"user\" WHERE length(settings) = 1024"), "1001");
        assert_eq!(one("SELECT count(*) FROM rosterd_session"), "1001");
        assert_eq!(one("SELECT count(*) FROM group_member"), (9_000 + 2_000 + 2).to_string());
        assert_eq!(one("SELECT count(*) FROM \"user\" WHERE profile_image_url LIKE 'data:%'"), "0");
    }
}
