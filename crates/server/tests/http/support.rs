//! What the tests share: paths, forms, and many requests at once.

use rosterd_domain::dialect::Dialect;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::session::{SessionMethod, SessionRow};
use rosterd_domain::user::NewUser;
use rosterd_storage::{Store, StoreOptions};
use rosterd_testkit::{Caller, Reply, ServerBuilder, TestDb, TestServer};
use serde_json::{Value, json};

/// The caller's own settings, read and updated.
pub(crate) const SETTINGS: &str = "/api/v1/users/user/settings";
pub(crate) const UPDATE_SETTINGS: &str = "/api/v1/users/user/settings/update";
/// The caller's own status.
pub(crate) const STATUS: &str = "/api/v1/users/user/status";
pub(crate) const UPDATE_STATUS: &str = "/api/v1/users/user/status/update";
/// The caller's own info.
pub(crate) const INFO: &str = "/api/v1/users/user/info";
pub(crate) const UPDATE_INFO: &str = "/api/v1/users/user/info/update";
/// Lists.
pub(crate) const LIST: &str = "/api/v1/users/";
pub(crate) const ALL: &str = "/api/v1/users/all";
pub(crate) const SEARCH: &str = "/api/v1/users/search";

/// The settings in the database.
pub(crate) const CONFIG: &str = "/api/v1/auths/admin/config";

/// An id that nobody has.
pub(crate) const NOBODY: &str = "00000000-0000-4000-8000-00000000dead";

/// `/api/v1/users/<id><rest>`.
pub(crate) fn path_of(user: &Caller, rest: &str) -> String {
    format!("/api/v1/users/{}{rest}", user.id())
}

/// A server on a database with all tables of ours, if need be by `rosterd adopt --apply`.
pub(crate) async fn adopted(db: TestDb) -> TestServer {
    adopted_with(db, |server| server).await
}

/// As [`adopted`], described further.
pub(crate) async fn adopted_with(
    db: TestDb,
    describe: impl FnOnce(ServerBuilder) -> ServerBuilder,
) -> TestServer {
    let store = Store::open(&StoreOptions::new(db.database_url())).unwrap();
    store.adopt_apply().await.unwrap();
    store.close();
    let server = describe(TestServer::builder(db)).start().await;
    let layout = server.store().layout();
    assert!(layout.links && layout.suspensions);
    server
}

/// An account that comes before every other, so that it is the primary admin also of the recorded roster.
pub(crate) async fn primary(server: &TestServer) -> Caller {
    server.db_admin("first").created_at(1).create().await
}

/// An update that changes nothing but what `changes` says.
pub(crate) fn form(name: &str, email: &str, changes: Value) -> Value {
    let form = json!({ "role": "user", "name": name, "email": email, "profile_image_url": "/user.png" });
    merged(form, changes)
}

/// Changes settings as Open WebUI's page does: the whole form as it is shown, with these changes. The newest form lacks
/// nothing.
pub(crate) async fn set_config(admin: &Caller, changes: Value) -> Reply {
    let shown = admin.get(CONFIG).await.json();
    admin.post(CONFIG, merged(shown, changes)).await
}

/// A form with all that the newest front end needs, as its database holds it but for an open sign-up and API keys, with
/// these changes.
pub(crate) fn whole_config(changes: Value) -> Value {
    let needed = json!({
        "SHOW_ADMIN_DETAILS": true, "ADMIN_EMAIL": null, "WEBUI_URL": "", "ENABLE_SIGNUP": true,
        "ENABLE_API_KEYS": true, "ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS": false,
        "API_KEYS_ALLOWED_ENDPOINTS": "", "DEFAULT_USER_ROLE": "pending", "DEFAULT_GROUP_ID": "",
        "JWT_EXPIRES_IN": "4w", "ENABLE_COMMUNITY_SHARING": true, "ENABLE_MESSAGE_RATING": true,
        "ENABLE_FOLDERS": true, "ENABLE_AUTOMATIONS": true, "ENABLE_CHANNELS": false,
        "ENABLE_CALENDAR": true, "ENABLE_MEMORIES": true, "ENABLE_MEMORY_SYSTEM_CONTEXT": true,
        "ENABLE_NOTES": true, "ENABLE_USER_WEBHOOKS": false, "ENABLE_USER_STATUS": true,
        "PENDING_USER_OVERLAY_TITLE": "", "PENDING_USER_OVERLAY_CONTENT": "", "RESPONSE_WATERMARK": "",
    });
    merged(needed, changes)
}

/// The first object with the keys of the second.
pub(crate) fn merged(mut object: Value, changes: Value) -> Value {
    if let (Value::Object(object), Value::Object(changes)) = (&mut object, changes) {
        object.extend(changes);
    }
    object
}

/// That many users at once, in one transaction: to be listed, without passwords. `describe` gives name, e-mail
/// address and second of creation of each.
pub(crate) async fn db_roster(
    server: &TestServer,
    count: usize,
    describe: impl Fn(usize) -> (String, String, i64),
) -> Vec<UserId> {
    let new = |number| {
        let (name, email, created_at) = describe(number);
        NewUser {
            id: UserId::from_stored(format!("listed-{number}")),
            email: EmailAddress::parse(&email).unwrap(),
            name: UserName::from_stored(name),
            role: Role::User,
            profile_image_url: ProfileImageUrl::default(),
            created_at,
            oauth: None,
        }
    };
    let users: Vec<NewUser> = (0..count).map(new).collect();
    let ids = users.iter().map(|user| user.id.clone()).collect();
    server.db_write(move |db| users.iter().try_for_each(|user| db.insert_user(user))).await;
    ids
}

/// Whether the server answers as Open WebUI 0.12 does.
pub(crate) fn is_current(server: &TestServer) -> bool {
    server.app().dialect() == Dialect::V0_12
}

/// A template of permissions whose sections are all there and empty.
pub(crate) fn empty_template() -> Value {
    json!({
        "workspace": {}, "sharing": {}, "access_grants": {}, "chat": {}, "features": {}, "settings": {},
    })
}

/// How many keys a whole record of a user has.
pub(crate) fn record_keys(server: &TestServer) -> usize {
    if is_current(server) { 22 } else { 21 }
}

/// The keys of an object, sorted.
pub(crate) fn keys(object: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = object.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// What each user of a list has at this key.
pub(crate) fn column(reply: &Reply, key: &str) -> Vec<String> {
    let users = reply.assert_status(200).at("/users");
    users.as_array().unwrap().iter().map(|user| user[key].as_str().unwrap_or_default().to_owned()).collect()
}

/// Sends the requests without waiting for one another, and gives the answers in the requests' order.
pub(crate) async fn at_once<F>(requests: impl IntoIterator<Item = F>) -> Vec<Reply>
where
    F: Future<Output = Reply> + Send + 'static,
{
    let requests: Vec<_> = requests.into_iter().map(tokio::spawn).collect();
    let mut replies = Vec::with_capacity(requests.len());
    for request in requests {
        replies.push(request.await.expect("the request was sent"));
    }
    replies
}

/// How many answers have this status; stops the test when any other is not `otherwise`.
#[track_caller]
pub(crate) fn count(replies: &[Reply], status: u16, otherwise: (u16, &str)) -> usize {
    let (expected, others): (Vec<_>, Vec<_>) = replies.iter().partition(|reply| reply.status() == status);
    for reply in others {
        reply.assert_error(otherwise.0, otherwise.1);
    }
    expected.len()
}

/// How many rows match.
pub(crate) fn rows(server: &TestServer, from_where: &str) -> i64 {
    rows_in(server.db(), from_where)
}

/// The same, without a server.
pub(crate) fn rows_in(db: &rosterd_testkit::TestDb, from_where: &str) -> i64 {
    db.db_value(&format!("SELECT count(*) AS n FROM {from_where}")).unwrap().parse().unwrap()
}

/// How many rows of each table hang on an account: none when it was deleted, whole or not at all.
pub(crate) fn traces_of(db: &rosterd_testkit::TestDb, id: &str) -> Vec<(&'static str, i64)> {
    const PLACES: [(&str, &str); 6] = [
        (r#""user""#, "id"),
        ("auth", "id"),
        ("api_key", "user_id"),
        ("group_member", "user_id"),
        ("oauth_session", "user_id"),
        ("chat", "user_id"),
    ];
    PLACES.map(|(table, column)| (table, rows_in(db, &format!("{table} WHERE {column} = '{id}'")))).into()
}

/// Stops the test when anything of a deleted account is left.
#[track_caller]
pub(crate) fn assert_gone(db: &rosterd_testkit::TestDb, id: &str) {
    for (table, rows) in traces_of(db, id) {
        assert_eq!(rows, 0, "rows of {id} in {table}");
    }
}

/// Begins a session of this id past the API, without a token for it.
pub(crate) async fn db_session(server: &TestServer, owner: &UserId, id: &str) {
    let now = server.now();
    let row = SessionRow {
        id: SessionId::from_stored(id.to_owned()),
        user_id: owner.clone(),
        method: SessionMethod::Password.as_str().to_owned(),
        created_at: now,
        last_seen_at: now,
        expires_at: None,
        client_ip: None,
        user_agent: None,
    };
    server.db_write(move |db| db.insert_session(&row)).await;
}

/// A token that names the session of this id, whatever has become of it.
pub(crate) fn token_of_session(server: &TestServer, owner: &UserId, id: &str) -> String {
    let claims = json!({ "id": owner, "jti": id, "session_stamp": null, "rosterd_session": true });
    rosterd_testkit::token::sign(&claims, server.app().settings().secret.expose())
}
