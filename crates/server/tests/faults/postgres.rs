//! A PostgreSQL server that is stopped, crashes, freezes, is full, or is replaced by its standby, while clients write.

use std::sync::Arc;

use rosterd_testkit::postgres::{Cluster, Manner};
use rosterd_testkit::run::block_on;
use rosterd_testkit::skips::{self, Missing};
use rosterd_testkit::{DbKind, TestDb, run};

use crate::away::{assert_away, assert_ready, wait_until_away};
use crate::book::Books;
use crate::load::Load;
use crate::{rounds, start};

/// Writes between two faults.
const SOME: u64 = 100;

/// The name of the database.
const NAME: &str = "roster";

/// A server and a database on it, unless something is missing.
fn cluster(test: &str) -> Option<Cluster> {
    let found = found(test, Cluster::start())?;
    found.create_database(NAME);
    Some(found)
}

fn found<T>(test: &str, what: Result<T, Missing>) -> Option<T> {
    what.map_err(|missing| skips::report(missing, test)).ok()
}

#[test]
fn a_database_server_that_stops_is_503_and_found_again() {
    let Some(cluster) = cluster("a_database_server_that_stops_is_503_and_found_again") else { return };
    let db = Arc::new(TestDb::lent(cluster.url_of(NAME)));
    block_on(async {
        let books = Books::open(&db).await;
        let server = start(&db);
        let load = Load::begin(&server, books);
        let mut faults = 0;
        for _ in 0..rounds() {
            for how in [Manner::Fast, Manner::Immediate] {
                load.wait_for(SOME);
                let before = load.refused();
                cluster.stop(how);
                load.wait_until_refused(before);
                assert_away(&server, "unreachable").await;
                cluster.start_again();
                load.wait_for(SOME);
                assert_ready(&server).await;
            }
            // All its processes end, and it comes back by itself.
            cluster.crash();
            load.wait_for(SOME);
            faults += 3;
        }
        let books = load.end();
        books.check(&db, &server).await;
        books.report("PostgreSQL stopped or crashed", faults);
    });
}

#[test]
fn a_database_server_that_freezes_is_503_in_time_and_found_again() {
    let Some(cluster) = cluster("a_database_server_that_freezes_is_503_in_time_and_found_again") else {
        return;
    };
    let db = Arc::new(TestDb::lent(cluster.url_of(NAME)));
    block_on(async {
        let books = Books::open(&db).await;
        let server = start(&db);
        let load = Load::begin(&server, books);
        for _ in 0..rounds() {
            load.wait_for(SOME);
            let before = load.refused();
            let frozen = cluster.freeze();
            load.wait_until_refused(before);
            assert_away(&server, "unreachable").await;
            drop(frozen);
            load.wait_for(SOME);
            assert_ready(&server).await;
        }
        let books = load.end();
        books.check(&db, &server).await;
        books.report("PostgreSQL frozen", rounds());
    });
}

/// The standby receives each commit before it is answered, as somebody sets it up who may lose nothing.
#[test]
fn the_standby_takes_over_and_has_what_was_acknowledged() {
    let test = "the_standby_takes_over_and_has_what_was_acknowledged";
    for round in 0..rounds() {
        let Some(primary) = cluster(test) else { return };
        let Some(standby) = found(test, primary.standby()) else { return };
        let hosts = format!("{},{}", primary.folder().display(), standby.folder().display());
        let url = format!("postgresql:///{NAME}?host={hosts}&user=postgres&target_session_attrs=read-write");
        let db = Arc::new(TestDb::lent(url));
        block_on(async {
            let books = Books::open(&db).await;
            let server = start(&db);
            let load = Load::begin(&server, books);
            load.wait_for(SOME);
            let before = load.refused();
            primary.stop(if round % 2 == 0 { Manner::Immediate } else { Manner::Fast });
            load.wait_until_refused(before);
            // The standby takes no writes yet, and libpq passes it over.
            assert_away(&server, "unreachable").await;
            standby.promote();
            load.wait_for(SOME);
            assert_ready(&server).await;
            let books = load.end();
            books.check(&db, &server).await;
            books.report("PostgreSQL failed over", 1);
        });
    }
}

/// As PostgreSQL refuses a row when its disk is full (SQLSTATE 53100): it goes on to serve reads.
#[test]
fn a_database_server_without_space_is_503_and_found_again() {
    let test = "a_database_server_without_space_is_503_and_found_again";
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip(test);
    }
    let db = Arc::new(TestDb::fresh(DbKind::OwnPostgres));
    block_on(async {
        let books = Books::open(&db).await;
        let server = start(&db);
        db.db_execute(
            "CREATE FUNCTION no_space() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$",
        );
        let load = Load::begin(&server, books);
        for _ in 0..rounds() {
            load.wait_for(SOME);
            db.db_execute(
                "CREATE TRIGGER no_space BEFORE INSERT OR UPDATE OR DELETE ON \"user\" \
                 FOR EACH ROW EXECUTE FUNCTION no_space()",
            );
            // Memberships are in another table, which takes them.
            wait_until_away(&server, "full", async || load.wait_until_refused(load.refused())).await;
            db.db_execute("DROP TRIGGER no_space ON \"user\"");
            load.wait_for(SOME);
            assert_ready(&server).await;
        }
        let books = load.end();
        books.check(&db, &server).await;
        books.report("PostgreSQL full", rounds());
    });
}
