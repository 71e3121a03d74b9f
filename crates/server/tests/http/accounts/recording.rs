//! What Open WebUI 0.6.43 answered, replayed on its own databases: `identity.jsonl`, all of it.

use rosterd_domain::stored_config::Key;
use rosterd_testkit::{ServerBuilder, fixtures, recordings, with_servers};

use super::db_cheapen_passwords;

/// As the recorded server ran.
fn recorded(server: ServerBuilder) -> ServerBuilder {
    server.system_clock().settings(|settings| settings.defaults.set(Key::EnableApiKeys, true).unwrap())
}

with_servers!(older, a1_a2_g1_all_55_exchanges_match_and_no_table_is_altered, recorded, async |server| {
    let schema = server.db().schema_dump();
    db_cheapen_passwords(server.db());
    let report = recordings::replay(server.url(), fixtures::IDENTITY_RECORDING).await;
    assert_eq!(report.total, 55);
    report.assert_clean();
    assert_eq!(server.db().schema_dump(), schema);
});
