//! What Open WebUI 0.6.43 answered, replayed on its own databases: `identity.jsonl`, all of it.

use rosterd_domain::stored_config::Key;
use rosterd_storage::ConfigLayout;
use rosterd_testkit::{ServerBuilder, fixtures, recordings, with_servers};

use super::db_cheapen_passwords;

/// As the recorded server ran.
fn recorded(server: ServerBuilder) -> ServerBuilder {
    server.system_clock().settings(|settings| settings.defaults.set(Key::EnableApiKeys, true).unwrap())
}

/// On 0.12.4 the stored template has keys that 0.6.43 did not know. They are kept, so effective permissions show them;
/// all else is as recorded.
const SHOWING_NEWER_KEYS: [&str; 2] = ["groups.effect", "groups.deleted-effect"];

with_servers!(attached, a1_a2_g1_all_55_exchanges_match_and_no_table_is_altered, recorded, async |server| {
    let schema = server.db().schema_dump();
    db_cheapen_passwords(server.db());
    let report = recordings::replay(server.url(), fixtures::IDENTITY_RECORDING).await;
    assert_eq!(report.total, 55);
    match server.store().layout().config {
        ConfigLayout::Document => report.assert_clean(),
        ConfigLayout::KeyValue => report.assert_more_keys_only_in(&SHOWING_NEWER_KEYS),
    }
    assert_eq!(server.db().schema_dump(), schema);
});
