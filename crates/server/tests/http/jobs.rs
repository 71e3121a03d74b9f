//! Jobs that one process at a time does: two applications on one database, as two processes have them.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rosterd_app::jobs::{Job, Ran, Runner};
use rosterd_app::settings::TokenSecret;
use rosterd_app::{App, Settings};
use rosterd_domain::clock::SystemClock;
use rosterd_domain::stored_config::Key;
use rosterd_storage::{DatabaseUrl, Store, StoreOptions};
use rosterd_testkit::{TestDb, with_databases};
use tokio::sync::watch;
use tokio::time::timeout;
use uuid::Uuid;

/// How often each application has run the job, by its URL.
static RUNS: LazyLock<watch::Sender<HashMap<String, usize>>> = LazyLock::new(watch::Sender::default);

/// A job that counts, as often as can be.
const COUNT: Job = Job::once(
    "count",
    |_settings| Duration::from_millis(1),
    |app| {
        Box::pin(async move {
            count(&app);
            Ran::Well
        })
    },
);

fn count(app: &App) {
    let name = app.settings().defaults.value(Key::WebuiUrl).as_str().unwrap_or_default().to_owned();
    RUNS.send_modify(|runs| *runs.entry(name).or_default() += 1);
}

/// An application and its job, running.
struct Process {
    name: String,
    store: Store,
    jobs: Runner,
}

impl Process {
    fn start(db: &TestDb) -> Self {
        let store = Store::open(&StoreOptions::new(DatabaseUrl::parse(db.url()).unwrap())).unwrap();
        let mut settings = Settings::new(TokenSecret::new("a secret for tests"));
        let name = Uuid::new_v4().to_string();
        settings.defaults.set(Key::WebuiUrl, name.clone()).unwrap();
        let app = App::new(store.clone(), settings, Arc::new(SystemClock)).unwrap();
        Self { name, store, jobs: Runner::start(&app, &[COUNT]) }
    }

    fn runs(&self) -> usize {
        RUNS.borrow().get(&self.name).copied().unwrap_or_default()
    }

    /// Waits for so many more runs.
    async fn runs_more(&self, more: usize) {
        let wanted = self.runs() + more;
        let mut runs = RUNS.subscribe();
        let reached = runs.wait_for(|runs| runs.get(&self.name).copied().unwrap_or_default() >= wanted);
        timeout(Duration::from_secs(30), reached).await.expect("the job runs").unwrap();
    }

    async fn stop(self) {
        self.jobs.stop().await;
        self.store.close();
    }
}

with_databases!(own, one_process_does_the_job_until_it_stops, async |db| {
    let one = Process::start(&db);
    one.runs_more(1).await;
    let other = Process::start(&db);
    one.runs_more(20).await;
    assert_eq!(other.runs(), 0, "one of them is enough");
    one.stop().await;
    other.runs_more(2).await;
    other.stop().await;
    assert_eq!(db.db_value("SELECT count(*) FROM rosterd_lease").as_deref(), Some("0"), "given back");
});

with_databases!(own, another_process_takes_over_from_one_that_died, async |db| {
    let one = Process::start(&db);
    one.runs_more(1).await;
    // Gone without giving back, as when it is killed.
    drop(one.jobs);
    let other = Process::start(&db);
    let holder = || db.db_value("SELECT holder FROM rosterd_lease WHERE name = 'count'").unwrap();
    let died = holder();
    db.db_execute("UPDATE rosterd_lease SET until = 0");
    other.runs_more(1).await;
    assert_ne!(holder(), died);
    other.stop().await;
});

with_databases!(attached, without_a_table_for_leases_the_job_does_not_run, async |db| {
    let schema = db.schema_dump();
    let process = Process::start(&db);
    let name = process.name.clone();
    process.stop().await;
    assert!(!RUNS.borrow().contains_key(&name));
    assert_eq!(db.schema_dump(), schema);
});
