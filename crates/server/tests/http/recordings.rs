//! What Open WebUI 0.6.43 answered, replayed on its own databases: `users.jsonl`, all of it.

use rosterd_domain::stored_config::Key;
use rosterd_storage::ConfigLayout;
use rosterd_testkit::{ServerBuilder, fixtures, recordings, with_servers};

/// As the recorded server ran.
fn recorded(server: ServerBuilder) -> ServerBuilder {
    server.system_clock().settings(|settings| settings.defaults.set(Key::EnableApiKeys, true).unwrap())
}

/// On 0.12.4 the stored template has keys that 0.6.43 did not know. They are kept, so effective permissions show them;
/// all else is as recorded.
const SHOWING_NEWER_KEYS: [&str; 6] = [
    "permissions.of.frank",
    "permissions.of.carol",
    "permissions.of.bob",
    "permissions.of.alice",
    "permissions.of.ada",
    "permissions.after-default-change",
];

with_servers!(attached, all_154_exchanges_of_the_users_api_match, recorded, async |server| {
    let report = recordings::replay(server.url(), fixtures::USERS_RECORDING).await;
    assert_eq!(report.total, 154);
    match server.store().layout().config {
        ConfigLayout::Document => report.assert_clean(),
        ConfigLayout::KeyValue => report.assert_more_keys_only_in(&SHOWING_NEWER_KEYS),
    }
});
