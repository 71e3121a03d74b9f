//! What each client has written and what was answered, to be compared with the database afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rosterd_testkit::{Caller, Method, PASSWORD, Reply, TestDb, TestServer, TokenKind};
use serde_json::{Value, json};

use crate::load::Nodes;

/// Clients at the same time.
const CLIENTS: usize = 6;

/// Keys of its own settings that a client writes in turn.
const KEYS: u64 = 20;

/// What all clients share.
#[derive(Clone)]
pub(crate) struct Shared {
    /// The token of an admin, for writes that need one.
    pub(crate) admin: String,
    /// The group that accounts are put into.
    group: String,
    /// How much was wrong with the rows before anybody wrote: a recorded roster has odd ones.
    odd: Arc<Vec<Option<String>>>,
    pub(crate) counts: Arc<Counts>,
}

/// What came of the writes of all clients, so far.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) acknowledged: AtomicU64,
    /// Answered with 503: they may or may not have been made.
    pub(crate) refused: AtomicU64,
    /// Not answered at all, and so in doubt too.
    pub(crate) silent: AtomicU64,
}

/// The books of all clients.
pub(crate) struct Books {
    pub(crate) shared: Shared,
    pub(crate) clients: Vec<Book>,
}

/// What one client has written.
pub(crate) struct Book {
    number: usize,
    token: String,
    /// The write that is next.
    next: u64,
    /// By key of its settings: the value that was acknowledged last, and the one that was sent last.
    settings: BTreeMap<String, (u64, u64)>,
    accounts: Vec<Account>,
    counts: Arc<Counts>,
}

/// An account that a client has made.
struct Account {
    id: String,
    email: String,
    in_group: bool,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    There,
    Deleted,
    /// The last write to it may or may not have been made.
    InDoubt,
}

/// Each counts rows that have no business to be there: half of something.
const HALVES: [&str; 4] = [
    r#""user" u WHERE NOT EXISTS (SELECT 1 FROM auth a WHERE a.id = u.id)"#,
    r#"auth a WHERE NOT EXISTS (SELECT 1 FROM "user" u WHERE u.id = a.id)"#,
    r#"auth a JOIN "user" u ON u.id = a.id WHERE u.email <> a.email"#,
    r#"group_member m WHERE NOT EXISTS (SELECT 1 FROM "user" u WHERE u.id = m.user_id)"#,
];

/// The same in the tables that only a standalone database has.
const OWN_HALVES: [&str; 4] = [
    r#"rosterd_counter WHERE name = 'users' AND value <> (SELECT count(*) FROM "user")"#,
    r#""user" u WHERE NOT EXISTS (SELECT 1 FROM rosterd_user_search s WHERE s.user_id = u.id)"#,
    r#"rosterd_user_search s WHERE NOT EXISTS (SELECT 1 FROM "user" u WHERE u.id = s.user_id)"#,
    "group_member m WHERE NOT EXISTS \
     (SELECT 1 FROM rosterd_member_name n WHERE n.group_id = m.group_id AND n.user_id = m.user_id)",
];

fn halves(db: &TestDb) -> Vec<Option<String>> {
    let tables = if db.is_postgres() { "pg_tables WHERE tablename" } else { "sqlite_master WHERE name" };
    let own = db.db_value(&format!("SELECT count(*) AS n FROM {tables} = 'rosterd_counter'"));
    let more = if own.as_deref() == Some("1") { &OWN_HALVES[..] } else { &[] };
    HALVES.iter().chain(more).map(|rows| db.db_value(&format!("SELECT count(*) AS n FROM {rows}"))).collect()
}

impl Books {
    /// Makes an admin, a group and an account for each client, through a server that is gone afterwards.
    pub(crate) async fn open(db: &Arc<TestDb>) -> Self {
        let server = TestServer::builder(Arc::clone(db)).system_clock().start().await;
        let books = Self::on(&server).await;
        server.stop().await;
        books
    }

    /// The same through this server.
    pub(crate) async fn on(server: &TestServer) -> Self {
        let admin = server.db_admin("ada").create().await;
        let group = server.db_group("team", &[&admin], Value::Null).await;
        let token = |caller: &Caller| server.token(TokenKind::NeverExpires, caller.id());
        let counts = Arc::<Counts>::default();
        let mut clients = Vec::with_capacity(CLIENTS);
        for number in 0..CLIENTS {
            let client = server.db_user(&format!("client {number}")).create().await;
            clients.push(Book {
                number,
                token: token(&client),
                next: 0,
                settings: BTreeMap::new(),
                accounts: Vec::new(),
                counts: Arc::clone(&counts),
            });
        }
        let odd = Arc::new(halves(server.db()));
        Self { shared: Shared { admin: token(&admin), group: group.to_string(), odd, counts }, clients }
    }

    /// Compares what was acknowledged with what is there.
    ///
    /// # Panics
    /// When an acknowledged write is missing, or anything is half done.
    pub(crate) async fn check(&self, db: &TestDb, nodes: impl Into<Nodes>) {
        let nodes = nodes.into();
        let rows = |sql: &str| -> BTreeSet<(String, String)> {
            let row = |row: Vec<Option<String>>| {
                let mut values = row.into_iter().map(Option::unwrap_or_default);
                (values.next().unwrap_or_default(), values.next().unwrap_or_default())
            };
            db.db_query_text(sql).into_iter().map(row).collect()
        };
        let users = rows(r#"SELECT id, email FROM "user""#);
        let credentials = rows("SELECT id, email FROM auth");
        let members = rows("SELECT user_id, group_id FROM group_member");
        let ids: BTreeSet<&String> = users.iter().map(|(id, _)| id).collect();
        let mut lost = Vec::new();
        for book in &self.clients {
            for account in book.accounts.iter().filter(|account| account.state != State::InDoubt) {
                let row = (account.id.clone(), account.email.clone());
                let member = members.contains(&(account.id.clone(), self.shared.group.clone()));
                let kept = if account.state == State::There {
                    users.contains(&row) && credentials.contains(&row) && (member || !account.in_group)
                } else {
                    !ids.contains(&account.id)
                };
                if !kept {
                    lost.push(format!("the account {} of client {}", account.email, book.number));
                }
            }
            book.check_settings(&nodes, &mut lost).await;
        }
        assert!(lost.is_empty(), "acknowledged, and not there: {lost:#?}");
        assert_eq!(
            halves(db),
            *self.shared.odd,
            "rows that are half of something: {HALVES:?}, {OWN_HALVES:?}"
        );
        if !db.is_postgres() {
            assert_eq!(db.db_value("PRAGMA integrity_check").as_deref(), Some("ok"));
        }
    }

    /// How many writes were refused with 503.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.counts.refused.load(Ordering::Relaxed)
    }

    /// How many writes were not acknowledged.
    pub(crate) fn in_doubt(&self) -> u64 {
        self.refused() + self.shared.counts.silent.load(Ordering::Relaxed)
    }

    /// Prints the figures of a test, after [`check`](Self::check) has found everything.
    pub(crate) fn report(&self, test: &str, faults: u32) {
        let Counts { acknowledged, refused, silent } = &*self.shared.counts;
        let [acknowledged, refused, silent] =
            [acknowledged, refused, silent].map(|count| count.load(Ordering::Relaxed));
        println!(
            "faults: {test}: {faults} faults, {acknowledged} writes acknowledged, {refused} refused with 503, {silent} \
             without an answer; 0 lost, 0 half done"
        );
    }
}

impl Book {
    /// Makes the next write; whether it was acknowledged.
    pub(crate) async fn write(&mut self, shared: &Shared, nodes: &Nodes) -> bool {
        let number = self.next;
        self.next += 1;
        let stranger = nodes.turn(self.number + usize::try_from(number).unwrap_or(0));
        let (own, admin) = (stranger.with_bearer(&self.token), stranger.with_bearer(&shared.admin));
        match number % 6 {
            1 => self.add(number, &admin).await,
            3 => self.rename(number, &admin).await,
            4 => self.join(&shared.group, &admin).await,
            5 => self.delete(&admin).await,
            _ => self.set(number, &own).await,
        }
    }

    /// A key of one's own settings gets another value.
    async fn set(&mut self, number: u64, own: &Caller) -> bool {
        let key = format!("key-{}", number % KEYS);
        let entry = self.settings.entry(key.clone()).or_default();
        entry.1 = number;
        let body = json!({ key.clone(): number });
        let answer = self.send(own, Method::POST, "/api/v1/users/user/settings/update", body).await;
        let acknowledged = answer.is_some();
        if acknowledged && let Some(entry) = self.settings.get_mut(&key) {
            entry.0 = number;
        }
        acknowledged
    }

    /// An account is made: in two tables, and more in a standalone database.
    async fn add(&mut self, number: u64, admin: &Caller) -> bool {
        let email = format!("made-{}-{number}@rosterd.test", self.number);
        let form = json!({ "name": "Made", "email": email, "password": PASSWORD, "role": "user" });
        let Some(reply) = self.send(admin, Method::POST, "/api/v1/auths/add", form).await else {
            return false;
        };
        let id = reply.at("/id").as_str().expect("an account has an id").to_owned();
        self.accounts.push(Account { id, email, in_group: false, state: State::There });
        true
    }

    /// The newest account gets another e-mail address: in two tables.
    async fn rename(&mut self, number: u64, admin: &Caller) -> bool {
        let Some(at) = self.newest() else { return false };
        let email = format!("renamed-{}-{number}@rosterd.test", self.number);
        let form =
            json!({ "name": "Renamed", "email": email, "role": "user", "profile_image_url": "/user.png" });
        let path = format!("/api/v1/users/{}/update", self.accounts[at].id);
        let acknowledged = self.change(at, admin, Method::POST, &path, form).await;
        if acknowledged {
            self.accounts[at].email = email;
        }
        acknowledged
    }

    /// The newest account is put into the group.
    async fn join(&mut self, group: &str, admin: &Caller) -> bool {
        let Some(at) = self.newest() else { return false };
        let path = format!("/api/v1/groups/id/{group}/users/add");
        let form = json!({ "user_ids": [self.accounts[at].id] });
        let acknowledged = self.change(at, admin, Method::POST, &path, form).await;
        self.accounts[at].in_group |= acknowledged;
        acknowledged
    }

    /// The oldest of more than three accounts is deleted: everywhere.
    async fn delete(&mut self, admin: &Caller) -> bool {
        let there: Vec<usize> =
            (0..self.accounts.len()).filter(|at| self.accounts[*at].state == State::There).collect();
        let [oldest, _, _, ..] = there[..] else { return false };
        let path = format!("/api/v1/users/{}", self.accounts[oldest].id);
        let acknowledged = self.change(oldest, admin, Method::DELETE, &path, Value::Null).await;
        if acknowledged {
            self.accounts[oldest].state = State::Deleted;
        }
        acknowledged
    }

    fn newest(&self) -> Option<usize> {
        self.accounts.iter().rposition(|account| account.state == State::There)
    }

    /// A write to an account, of which nobody knows any more in which state it is when there is no answer.
    async fn change(&mut self, at: usize, admin: &Caller, method: Method, path: &str, form: Value) -> bool {
        let acknowledged = self.send(admin, method, path, form).await.is_some();
        if !acknowledged {
            self.accounts[at].state = State::InDoubt;
        }
        acknowledged
    }

    /// Sends a write and counts what came of it; gives the answer if it was made.
    ///
    /// # Panics
    /// When the answer is neither that it was made nor a 503 that says what it has to.
    async fn send(&mut self, caller: &Caller, method: Method, path: &str, form: Value) -> Option<Reply> {
        let request = caller.request(method, path).json(&form);
        let Some(reply) = request.try_send().await else {
            self.counts.silent.fetch_add(1, Ordering::Relaxed);
            return None;
        };
        if reply.status() == 200 {
            self.counts.acknowledged.fetch_add(1, Ordering::Relaxed);
            return Some(reply);
        }
        assert_unavailable(&reply);
        self.counts.refused.fetch_add(1, Ordering::Relaxed);
        None
    }

    async fn check_settings(&self, nodes: &Nodes, lost: &mut Vec<String>) {
        let own = nodes.turn(self.number).with_bearer(&self.token);
        let stored = own.get("/api/v1/users/user/settings").await;
        let stored = stored.assert_status(200).json();
        for (key, (acknowledged, sent)) in &self.settings {
            let value = stored[key].as_u64().unwrap_or(0);
            if !(*acknowledged..=*sent).contains(&value) {
                lost.push(format!("{key} = {acknowledged} of client {}; it is {value}", self.number));
            }
        }
    }
}

/// A 503 as the API describes it: a code, a sentence, and when to try again.
pub(crate) fn assert_unavailable(reply: &Reply) {
    reply.assert_error(503, "UNAVAILABLE");
    let seconds = reply.header("retry-after").and_then(|text| text.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| seconds > 0), "no Retry-After\n{reply}");
}
