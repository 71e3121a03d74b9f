//! Behind a PgBouncer that pools transactions: nothing may rest on a connection from one transaction to the next.

use rosterd_domain::json::JsonText;
use rosterd_domain::list::{ListQuery, Order};
use rosterd_domain::user::UserChanges;
use rosterd_storage::{
    DatabaseUrl, Document, ListedSizes, Lock, Store, StoreError, StoreOptions, StoreResult, TokenId, raw,
};
use rosterd_testkit::postgres::{Content, PgBouncer, PostgresServer};
use rosterd_testkit::{run, skips};

use crate::support::{email, id, new_user};

/// An empty database, and how a server behind the pooler opens it.
struct Pooled {
    options: StoreOptions,
    direct: DatabaseUrl,
    name: String,
    // Ends last.
    _pooler: PgBouncer,
}

impl Pooled {
    /// `None`, with what is missing on standard error, where there can be no PgBouncer.
    fn new(test: &str) -> Option<Self> {
        let pooler = PgBouncer::start().map_err(|missing| skips::report(missing, test)).ok()?;
        let server = PostgresServer::shared()?;
        let name = server.create_database(Content::Empty);
        let url = |url: String| DatabaseUrl::parse(&url).unwrap();
        // Debian's PgBouncer is older than 1.21 and does not know prepared statements.
        let options = StoreOptions {
            threads: 4,
            prepared_statements: false,
            ..StoreOptions::new(url(pooler.url_of(&name)))
        };
        Some(Self { options, direct: url(server.url_of(&name)), name, _pooler: pooler })
    }
}

impl Drop for Pooled {
    fn drop(&mut self) {
        if let Some(server) = PostgresServer::shared() {
            server.drop_database(&self.name);
        }
    }
}

#[test]
fn several_servers_may_start_at_once_behind_a_pooler() {
    let Some(pooled) = Pooled::new("several_servers_may_start_at_once_behind_a_pooler") else { return };
    run::block_on(async {
        let options = &pooled.options;
        std::thread::scope(|scope| {
            let started: Vec<_> = (0..4).map(|_| scope.spawn(|| Store::open(options).unwrap())).collect();
            for store in started {
                assert!(store.join().unwrap().layout().is_standalone());
            }
        });
        let twice =
            "SELECT version AS v FROM __diesel_schema_migrations GROUP BY version HAVING count(*) > 1";
        assert!(raw::query_text(&pooled.direct, twice).unwrap().is_empty());
    });
}

#[test]
fn every_kind_of_work_goes_through_a_pooler() {
    let Some(pooled) = Pooled::new("every_kind_of_work_goes_through_a_pooler") else { return };
    run::block_on(async {
        // Two stores are two server processes.
        let stores = [Store::open(&pooled.options).unwrap(), Store::open(&pooled.options).unwrap()];
        let made: StoreResult<()> = stores[0]
            .write(|db| {
                (0..40).try_for_each(|number| db.insert_user(&new_user(&format!("p{number}"), number)))
            })
            .await;
        made.unwrap();
        let mut tasks = Vec::new();
        for number in 0..200_i64 {
            let store = stores[usize::from(number % 2 == 0)].clone();
            let who = id(&format!("u-p{}", number / 5 % 8));
            tasks.push(tokio::spawn(async move { work(&store, number, who).await }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        // No merge was lost, and of many claims to one e-mail address one won.
        let merged = "SELECT info::text AS i, count(*) AS n FROM \"user\" WHERE info IS NOT NULL GROUP BY 1";
        let merged = raw::query_text(&pooled.direct, merged).unwrap();
        assert_eq!(merged, [[Some("5".to_owned()), Some("8".to_owned())]]);
        let claimed = "SELECT count(*) AS n FROM \"user\" WHERE email = 'claimed@example.net'";
        assert_eq!(raw::query_text(&pooled.direct, claimed).unwrap(), [[Some("1".to_owned())]]);
    });
}

/// One of the five kinds of work, each with what it must find.
async fn work(store: &Store, number: i64, who: rosterd_domain::ids::UserId) -> StoreResult<()> {
    match number % 5 {
        0 => {
            // A merge: adds one to the number that the locked row holds. Five times for each of eight users.
            store
                .write(move |db| {
                    let found = db.lock_caller_with(&who, TokenId::Other(Some("j")), Document::Info)?;
                    let (_caller, info) = found.ok_or(StoreError::Worker)?;
                    let before: i64 = info.map_or(0, |text| text.as_str().parse().unwrap_or(-100));
                    let after = JsonText::from_stored((before + 1).to_string());
                    db.set_document(&who, Document::Info, &after, number).map(drop)
                })
                .await
        }
        1 => {
            let claimed = email("claimed@example.net");
            store
                .write(move |db| {
                    db.lock(Lock::Accounts)?;
                    if db.find_user_id_by_email(&(&claimed).into())?.is_some() {
                        return Ok(());
                    }
                    let changes = UserChanges { email: Some(claimed), ..UserChanges::default() };
                    db.update_user(&who, &changes, number).map(drop)
                })
                .await
        }
        2 => {
            let caller = store.read(move |db| db.find_caller(&who, TokenId::Other(Some("j")))).await?;
            assert!(caller.is_some());
            store.snapshot(|db| db.find_permission_sources(&id("u-p1"), "user.permissions")).await.map(drop)
        }
        3 => {
            let query = ListQuery::page_of(None, Order::parse(Some("name"), Some("asc")), 1, 30);
            let (rows, total) = store
                .scan(move |db| {
                    Ok::<_, StoreError>((db.list_users(&query, ListedSizes::default())?, db.count_users()?))
                })
                .await?;
            assert_eq!((rows.len(), total), (30, 40));
            Ok(())
        }
        _ => {
            let mut chunks = match store.stream_user_infos(|_db| StoreResult::Ok(())).await {
                Ok(chunks) => chunks,
                // Eight may wait for their turn, and one more is refused.
                Err(StoreError::Unavailable { .. }) => return Ok(()),
                Err(other) => return Err(other),
            };
            let mut people = 0;
            while let Some(chunk) = chunks.recv().await {
                people += chunk?.len();
            }
            assert_eq!(people, 40);
            Ok(())
        }
    }
}

#[test]
fn behind_a_pooler_the_role_names_the_schema() {
    let test = "behind_a_pooler_the_role_names_the_schema";
    let in_schema = |pooled: &Pooled| StoreOptions {
        url: pooled.options.url.clone().with_schema("elsewhere"),
        ..pooled.options.clone()
    };
    let Some(pooled) = Pooled::new(test) else { return };
    raw::execute(&pooled.direct, "CREATE SCHEMA elsewhere").unwrap();
    // What a pooler cannot keep must not be taken as kept.
    let refused = Store::open(&in_schema(&pooled)).unwrap_err().to_string();
    assert!(refused.contains("a pooler") && refused.contains("ALTER ROLE"), "{refused}");

    // Another database: connections that rest at a pooler keep the path they began with.
    let Some(pooled) = Pooled::new(test) else { return };
    let statements = format!(
        "CREATE SCHEMA elsewhere; ALTER ROLE CURRENT_USER IN DATABASE {} SET search_path TO elsewhere",
        pooled.name
    );
    raw::execute(&pooled.direct, &statements).unwrap();
    assert!(Store::open(&in_schema(&pooled)).unwrap().layout().is_standalone());
    let made = "SELECT count(*) AS n FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(raw::query_text(&pooled.direct, made).unwrap(), [[Some("0".to_owned())]]);
}
