//! Accounts out of files and into them.

use futures_util::TryStreamExt;
use rosterd_client::{Client, ErrorCode, ImportQuery};
use rosterd_domain::transfer::{ExportKind, FileKind, ImportOutcome};
use rosterd_testkit::run;

use crate::{assert_code, client, server};

async fn exported(admin: &Client, kind: ExportKind, fields: &[&str]) -> String {
    let parts: Vec<_> = admin.export_users(kind, fields).await.unwrap().try_collect().await.unwrap();
    String::from_utf8(parts.concat()).unwrap()
}

#[test]
fn an_export_is_imported_again_and_changes_nothing() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let table = exported(&ada, ExportKind::Csv, &[]).await;
        assert_eq!(table.lines().count(), 85);
        assert!(exported(&ada, ExportKind::Ndjson, &["email"]).await.starts_with("{\"email\":"));
        let preview =
            ada.import_users(&ImportQuery::new(FileKind::Csv).create_groups(), table).await.unwrap();
        assert_eq!((preview.outcome, preview.rows), (ImportOutcome::Preview, 84));
        assert_eq!((preview.new, preview.changed), (0, 0));
    });
}

#[test]
fn a_file_makes_accounts() {
    run::block_on(async {
        let server = server().await;
        let ada = client(&server, "ada");
        let file = "email,name,role\nnew@example.com,New,user\nnobody,X,user\n";
        let query = ImportQuery::new(FileKind::Csv).apply();
        let refused = ada.import_users(&query, file).await.unwrap();
        assert_eq!((refused.outcome, refused.refusals[0].line), (ImportOutcome::Refused, 3));
        let applied = ada.import_users(&query.skip_bad(), file).await.unwrap();
        assert_eq!((applied.outcome, applied.new, applied.refused), (ImportOutcome::Applied, 1, 1));
        let bob = client(&server, "bob");
        let refused = bob.import_users(&ImportQuery::new(FileKind::Csv), file).await;
        assert_code(refused, 401, &ErrorCode::AccessProhibited);
    });
}
