//! No call waits for ever: a frozen server, a silent network and a locked table are 503 within the wait and the statement
//! timeout together, and the connection that hung is not used again.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use rosterd_domain::name::UserName;
use rosterd_domain::user::UserChanges;
use rosterd_storage::{DatabaseUrl, Store, StoreError, StoreOptions, StoreResult, raw};
use rosterd_testkit::postgres::Frozen;
use rosterd_testkit::{DbKind, TestDb, run, with_databases};

use crate::support::{NOW, id, insert_users, open, options, read};

const WAIT: Duration = Duration::from_millis(300);
const STATEMENT: Duration = Duration::from_millis(700);

/// Far more than the two together and far less than the defaults: what hangs longer hangs for ever.
const DEADLINE: Duration = Duration::from_secs(15);

/// One thread a lane, so that one call that hangs would stop all others.
fn impatient(db: &TestDb) -> StoreOptions {
    StoreOptions { threads: 1, wait: WAIT, statement_timeout: STATEMENT, ..options(db) }
}

/// Awaits a call that must be refused in time.
async fn refused<T: std::fmt::Debug>(call: impl Future<Output = StoreResult<T>>) {
    let began = Instant::now();
    let result = tokio::time::timeout(DEADLINE, call).await.unwrap_or_else(|_| panic!("the call hangs"));
    assert!(matches!(result, Err(StoreError::Unavailable { .. })), "{result:?}");
    assert!(began.elapsed() < DEADLINE / 2, "{:?}", began.elapsed());
}

/// Awaits until this is so.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_mins(1);
    while !holds() {
        assert!(Instant::now() < limit, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn rename(name: &str) -> UserChanges {
    UserChanges { name: Some(UserName::from_stored(name.to_owned())), ..UserChanges::default() }
}

#[test]
fn a_frozen_server_holds_up_one_call_and_not_the_others() {
    let test = "a_frozen_server_holds_up_one_call_and_not_the_others";
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip(test);
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        let store = Store::open(&impatient(&db)).unwrap();
        insert_users(&store, &["eve"]).await;
        let Some(frozen) = Frozen::connections_of(&db, test) else { return };
        let processes = frozen.processes().to_vec();

        refused(store.read(|db| db.find_user(&id("u-eve")))).await;
        // Its thread and its connection still hang; the next call has others.
        assert!(read(&store, |db| db.find_user(&id("u-eve"))).await.is_some());
        assert!(store.write(|db| db.update_user(&id("u-eve"), &rename("Eve"), NOW)).await.unwrap());
        store.check().await.unwrap();

        drop(frozen);
        until("the connection that hung is kept", || Frozen::have_ended(&db, &processes)).await;
        assert!(read(&store, |db| db.find_user(&id("u-eve"))).await.is_some());
    });
}

#[test]
fn a_write_that_hung_is_rolled_back_when_it_goes_on() {
    let test = "a_write_that_hung_is_rolled_back_when_it_goes_on";
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip(test);
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        let store = Store::open(&impatient(&db)).unwrap();
        insert_users(&store, &["eve"]).await;
        let Some(frozen) = Frozen::connections_of(&db, test) else { return };
        let processes = frozen.processes().to_vec();
        refused(store.write(|db| db.update_user(&id("u-eve"), &rename("too late"), NOW))).await;
        drop(frozen);
        until("the connection that hung is kept", || Frozen::have_ended(&db, &processes)).await;
        assert_eq!(read(&store, |db| db.find_user(&id("u-eve"))).await.unwrap().name, "eve");
    });
}

#[test]
fn a_server_that_freezes_within_a_long_list_ends_it() {
    let test = "a_server_that_freezes_within_a_long_list_ends_it";
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip(test);
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        // More than fits into all the buffers on the way.
        db.db_execute(
            "INSERT INTO \"user\" (id, name, email, role, profile_image_url, created_at, updated_at, last_active_at) \
             SELECT 'n' || i, repeat('n', 200), i || '@x.y', 'user', '', i, i, i FROM generate_series(1, 60000) i",
        );
        let store = Store::open(&impatient(&db)).unwrap();
        let mut chunks = store.stream_user_infos(|_db| StoreResult::Ok(())).await.unwrap();
        assert!(!chunks.recv().await.unwrap().unwrap().is_empty());
        let Some(_frozen) = Frozen::connections_of(&db, test) else { return };
        let last = async {
            loop {
                match chunks.recv().await {
                    Some(Ok(_made_before)) => {}
                    Some(Err(error)) => break Err::<(), _>(error),
                    None => break Ok(()),
                }
            }
        };
        refused(last).await;
        assert!(chunks.recv().await.is_none(), "an error is the last item");
    });
}

#[test]
fn a_locked_table_is_unavailable_until_it_is_let_go() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("a_locked_table_is_unavailable_until_it_is_let_go");
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        let store = Store::open(&impatient(&db)).unwrap();
        insert_users(&store, &["eve"]).await;
        let mut other = raw::Connection::open(&db.database_url()).unwrap();
        other.execute("BEGIN; LOCK TABLE \"user\" IN ACCESS EXCLUSIVE MODE").unwrap();
        refused(store.read(|db| db.find_user(&id("u-eve")))).await;
        refused(store.scan(|db| db.find_user(&id("u-eve")))).await;
        refused(store.write(|db| db.update_user(&id("u-eve"), &rename("Eve"), NOW))).await;
        other.execute("ROLLBACK").unwrap();
        assert_eq!(read(&store, |db| db.find_user(&id("u-eve"))).await.unwrap().name, "eve");
    });
}

#[test]
fn a_call_has_one_wait_for_its_turn_and_its_connection() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("a_call_has_one_wait_for_its_turn_and_its_connection");
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        let wait = Duration::from_secs(2);
        let store =
            Store::open(&StoreOptions { wait, statement_timeout: Duration::from_mins(1), ..impatient(&db) })
                .unwrap();
        db.db_alter("ALLOW_CONNECTIONS false");
        let began = Instant::now();
        // The first holds the only thread for as long as it may wait for a connection; the second waits behind it.
        let (first, second) =
            tokio::join!(store.read(|db| db.count_users()), store.read(|db| db.count_users()));
        assert!(matches!(first, Err(StoreError::Unavailable { .. })), "{first:?}");
        assert!(matches!(second, Err(StoreError::Unavailable { .. })), "{second:?}");
        assert!(began.elapsed() < wait * 7 / 4, "the wait was counted twice: {:?}", began.elapsed());
    });
}

/// A way to the server over TCP that can fall silent: it takes everything and passes nothing on.
struct Network {
    port: u16,
    silent: Arc<AtomicBool>,
}

impl Network {
    fn to(socket: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let silent = Arc::new(AtomicBool::new(false));
        let is_silent = Arc::clone(&silent);
        // Ends with the process, as do the connections.
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(&socket).unwrap();
                let (to_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                pass_on(client, to_server, &is_silent);
                pass_on(server, to_client, &is_silent);
            }
        });
        Self { port, silent }
    }
}

fn pass_on(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Shut + Send + 'static,
    silent: &Arc<AtomicBool>,
) {
    let silent = Arc::clone(silent);
    thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Ok(read) = from.read(&mut bytes)
            && read > 0
        {
            if !silent.load(Ordering::SeqCst) && to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        to.shut();
    });
}

trait Shut {
    fn shut(&self);
}

impl Shut for TcpStream {
    fn shut(&self) {
        let _ = self.shutdown(std::net::Shutdown::Both);
    }
}

impl Shut for UnixStream {
    fn shut(&self) {
        let _ = self.shutdown(std::net::Shutdown::Both);
    }
}

#[test]
fn a_silent_network_is_unavailable_in_time_and_found_again() {
    if !DbKind::OwnPostgres.is_available() {
        return run::report_skip("a_silent_network_is_unavailable_in_time_and_found_again");
    }
    run::block_on(async {
        let db = TestDb::fresh(DbKind::OwnPostgres);
        let setting =
            |name: &str| db.db_value(&format!("SELECT current_setting('{name}') AS value")).unwrap();
        let folder = setting("unix_socket_directories");
        if !folder.starts_with('/') {
            return run::report_skip("a_silent_network_is_unavailable_in_time_and_found_again");
        }
        let name = db.db_value("SELECT current_database() AS name").unwrap();
        let network = Network::to(format!("{folder}/.s.PGSQL.{}", setting("port")));
        let url =
            DatabaseUrl::parse(&format!("postgresql://postgres@127.0.0.1:{}/{name}", network.port)).unwrap();
        let store = Store::open(&StoreOptions { url, ..impatient(&db) }).unwrap();
        insert_users(&store, &["eve"]).await;

        network.silent.store(true, Ordering::SeqCst);
        for _ in 0..3 {
            // The call that hangs, its substitute that cannot connect, and those that find no thread.
            refused(store.read(|db| db.find_user(&id("u-eve")))).await;
            refused(store.write(|db| db.delete_user(&id("u-eve")))).await;
            refused(store.check()).await;
        }
        network.silent.store(false, Ordering::SeqCst);
        let limit = Instant::now() + Duration::from_mins(1);
        while store.read(|db| db.find_user(&id("u-eve"))).await.is_err() {
            assert!(Instant::now() < limit, "the server is not found again");
        }
        assert!(store.write(|db| db.delete_user(&id("u-eve"))).await.unwrap());
    });
}

with_databases!(attached, a_read_waits_for_a_writer_and_the_thread_that_asks_does_not, async |db| {
    let store = open(&db);
    if db.is_postgres() || store.layout().wal {
        return;
    }
    let mut writer = raw::Connection::open(&db.database_url()).unwrap();
    writer.execute("BEGIN EXCLUSIVE").unwrap();
    let mut reading = Box::pin(store.read(|db| db.count_users()));
    // Where the read waited here, the writer would never end.
    let waits =
        std::future::poll_fn(|context| Poll::Ready(reading.as_mut().poll(context).is_pending())).await;
    assert!(waits);
    writer.execute("COMMIT").unwrap();
    let counted: StoreResult<i64> = reading.await;
    assert!(counted.unwrap() > 0);
});
