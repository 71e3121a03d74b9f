//! What Open WebUI answered, replayed on its own databases: the recordings of the users API of 0.6.43 and 0.12.4, and of
//! groups, accounts and configuration of 0.12.4.

use rosterd_domain::email::EmailAddress;
use rosterd_domain::ids::UserId;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::stored_config::Key;
use rosterd_domain::user::NewUser;
use rosterd_storage::{StoreOptions, migrations};
use rosterd_testkit::{
    DbKind, ServerBuilder, TestDb, TestServer, fixtures, recordings, with_databases, with_servers,
};

/// As the recorded server ran.
fn recorded(server: ServerBuilder) -> ServerBuilder {
    server.system_clock().settings(|settings| settings.defaults.set(Key::EnableApiKeys, true).unwrap())
}

with_servers!(older, all_154_exchanges_of_the_users_api_match, recorded, async |server| {
    let report = recordings::replay(server.url(), fixtures::USERS_RECORDING).await;
    assert_eq!(report.total, 154);
    report.assert_clean();
});

with_servers!(newest, all_220_exchanges_of_the_newest_users_api_match, recorded, async |server| {
    let report = recordings::replay(server.url(), fixtures::USERS_0_12_RECORDING).await;
    assert_eq!(report.total, 220);
    report.assert_clean();
});

with_databases!(newest, all_55_exchanges_with_more_rows_match, async |db| {
    db.db_execute(fixtures::MORE_0_12);
    let server = recorded(TestServer::builder(db)).start().await;
    let report = recordings::replay(server.url(), fixtures::USERS_0_12_MORE_RECORDING).await;
    assert_eq!(report.total, 55);
    report.assert_clean();
});

with_servers!(newest, all_245_exchanges_of_newest_groups_and_accounts_match, recorded, async |server| {
    let report = recordings::replay(server.url(), fixtures::IDENTITY_0_12_RECORDING).await;
    assert_eq!(report.total, 245);
    report.assert_clean();
});

/// What a standalone server answers otherwise: it has no chats, so the features of chats are off.
const OF_A_SERVER_WITH_CHATS: [&str; 4] = ["app.pending", "app.user", "app.pending.after", "app.user.after"];

with_servers!(
    own,
    all_but_four_of_the_245_exchanges_match_on_a_standalone_database,
    recorded,
    async |server| {
        copy_roster(&TestDb::fresh(DbKind::WebUi012Sqlite), &server).await;
        let report = recordings::replay(server.url(), fixtures::IDENTITY_0_12_RECORDING).await;
        let failed: Vec<_> = report.failures.iter().map(|failure| failure.name.as_str()).collect();
        assert_eq!(failed, OF_A_SERVER_WITH_CHATS, "{report}");
    }
);

/// The columns of a table.
fn columns(db: &TestDb, table: &str) -> Vec<String> {
    let sql = if db.is_postgres() {
        format!("SELECT column_name AS c FROM information_schema.columns WHERE table_name = '{table}'")
    } else {
        format!("SELECT name AS c FROM pragma_table_info('{table}')")
    };
    db.db_query_text(&sql).into_iter().filter_map(|row| row.into_iter().next()?).collect()
}

/// Copies the people, groups and configuration that Open WebUI kept to a server with a standalone database.
async fn copy_roster(from: &TestDb, to: &TestServer) {
    // What rosterd keeps beside the rows of users it writes itself.
    let people = from.db_query_text(r#"SELECT id, email, name FROM "user" ORDER BY id"#);
    let new = |row: &Vec<Option<String>>| {
        let [Some(id), Some(email), Some(name)] = row.as_slice() else { panic!("{row:?}") };
        NewUser {
            id: UserId::from_stored(id.clone()),
            email: EmailAddress::parse(email).unwrap(),
            name: UserName::from_stored(name.clone()),
            role: Role::User,
            profile_image_url: ProfileImageUrl::default(),
            created_at: 0,
            oauth: None,
        }
    };
    let people: Vec<NewUser> = people.iter().map(new).collect();
    to.db_write(move |db| people.iter().try_for_each(|user| db.insert_user(user))).await;
    for table in ["user", "auth", "api_key", "group", "group_member", "oauth_session", "config"] {
        let theirs = columns(from, table);
        let shared: Vec<_> =
            columns(to.db(), table).into_iter().filter(|name| theirs.contains(name)).collect();
        let quoted: Vec<_> = shared.iter().map(|name| format!("\"{name}\"")).collect();
        let literal = |value: &Option<String>| match value {
            None => "NULL".to_owned(),
            Some(text) => format!("'{}'", text.replace('\'', "''")),
        };
        for row in from.db_query_text(&format!("SELECT {} FROM \"{table}\"", quoted.join(", "))) {
            let values: Vec<_> = row.iter().map(literal).collect();
            let sql = if table == "user" {
                let set: Vec<_> =
                    quoted.iter().zip(&values).map(|(name, value)| format!("{name} = {value}")).collect();
                let id = shared.iter().position(|name| name == "id").map(|at| values[at].as_str());
                format!("UPDATE \"user\" SET {} WHERE id = {}", set.join(", "), id.unwrap())
            } else {
                format!("INSERT INTO \"{table}\" ({}) VALUES ({})", quoted.join(", "), values.join(", "))
            };
            to.db().db_execute(&sql);
        }
    }
    // As the next start does: API keys were copied in clear (rule K7).
    migrations::run(&StoreOptions::new(to.db().database_url())).unwrap();
}

/// What needs a table that only Open WebUI has: that of shared chats.
const OF_OPEN_WEBUI_ALONE: [&str; 1] = ["user.get.shared-chat"];

with_servers!(
    own,
    all_but_one_of_the_220_exchanges_match_on_a_standalone_database,
    recorded,
    async |server| {
        copy_roster(&TestDb::fresh(DbKind::WebUi012Sqlite), &server).await;
        let report = recordings::replay(server.url(), fixtures::USERS_0_12_RECORDING).await;
        let failed: Vec<_> = report.failures.iter().map(|failure| failure.name.as_str()).collect();
        assert_eq!(failed, OF_OPEN_WEBUI_ALONE, "{report}");
    }
);
