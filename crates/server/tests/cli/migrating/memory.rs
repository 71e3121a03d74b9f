//! The memory of a migration whose rows are long.

use std::process::{Command, Stdio};

use rosterd_testkit::{DbKind, TestDb};

use crate::place::{PROGRAM, Place, SECRET};

/// Accounts, each with a picture of so many bytes: 450 MB.
const PEOPLE: usize = 300;
const PICTURE: usize = 1_500_000;

/// Much less than the rows have. A connection that fills a SQLite file has 128 MB of page cache alone.
const MOST_KIB: u64 = 350 * 1024;

/// The most memory that the command had, in KiB.
fn carry(source: &TestDb, target: &TestDb) -> u64 {
    let place = Place::new();
    let mut child = Command::new(PROGRAM)
        .args(["migrate-from", source.url(), "--quiet"])
        .env_clear()
        .envs([SECRET, ("DATABASE_URL", target.url())])
        .current_dir(place.path(""))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
        most = most.max(peak.unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{ended}");
            return most;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn it_stays_flat_with_pictures_of_megabytes() {
    let source = TestDb::fresh(DbKind::WebUi012Sqlite);
    source.db_execute(&format!(
        "CREATE TEMP TABLE n AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {PEOPLE}) SELECT i FROM n; \
         INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
             SELECT printf('p-%05d', i), 'Person ' || i, 'person' || i || '@example.com', 'user', \
             'data:image/png;base64,' || printf('%.*c', {PICTURE}, 'A'), 1700000000, 1700000000, 1700000000 FROM n"
    ));
    let mut from = source;
    for kind in [DbKind::OwnPostgres, DbKind::OwnSqlite] {
        if !kind.is_available() {
            continue;
        }
        let target = TestDb::fresh(kind);
        let most = carry(&from, &target);
        assert!(most > 0 && most < MOST_KIB, "{most} KiB into {kind:?}");
        let long = format!("SELECT count(*) AS n FROM \"user\" WHERE length(profile_image_url) > {PICTURE}");
        assert_eq!(target.db_value(&long), Some(PEOPLE.to_string()));
        from = target;
    }
}
