use std::io::Cursor;

use chrono::NaiveDate;
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use super::super::{FullColumns, read};
use super::*;
use crate::json::JsonText;

fn written(export: &Export, records: &[AccountRecord]) -> Vec<u8> {
    let mut file = Vec::new();
    export.begin(&mut file);
    for record in records {
        export.write(record, &mut file).unwrap();
    }
    file
}

fn all(kind: ExportKind) -> Export {
    let all: Vec<&str> = super::written(Secrets::Written).map(Column::as_str).collect();
    Export::new(kind, Some(&all.join(",")), Secrets::Written).unwrap()
}

fn ann() -> AccountRecord {
    AccountRecord {
        email: Some("ann@example.com".to_owned()),
        name: Some("=Ann, \"A\"".to_owned()),
        groups: Some(vec!["a".to_owned(), "b".to_owned()]),
        ..AccountRecord::default()
    }
}

#[test]
fn a_table_has_the_usual_columns_unless_others_are_named() {
    let table = Export::new(ExportKind::Csv, None, Secrets::Kept).unwrap();
    let file = String::from_utf8(written(&table, &[ann()])).unwrap();
    assert_eq!(file, "name,email,role,groups\r\n\"'=Ann, \"\"A\"\"\",ann@example.com,,a;b\r\n");
    let table = Export::new(ExportKind::Csv, Some("role"), Secrets::Kept).unwrap();
    assert_eq!(written(&table, &[ann()]), b"role\r\n\"\"\r\n");
}

#[test]
fn t10_what_opens_accounts_is_written_on_the_command_line_only() {
    let objects = Export::new(ExportKind::Ndjson, None, Secrets::Kept).unwrap();
    assert!(!objects.has(Column::PasswordHash) && !objects.has(Column::Mfa) && objects.has(Column::Settings));
    for (fields, said) in [
        ("password_hash", "the column password_hash is written by `rosterd export` on the server only"),
        ("password", "passwords are not stored"),
        ("name,name", "the column name is named twice"),
        ("nmae", "there is no column \"nmae\"; there are id, email, name,"),
        ("", "there is no column \"\""),
    ] {
        let told = Export::new(ExportKind::Csv, Some(fields), Secrets::Kept).unwrap_err().to_string();
        assert!(told.starts_with(said), "{told}");
    }
    let local = Export::new(ExportKind::Ndjson, None, Secrets::Written).unwrap();
    assert!(local.has(Column::PasswordHash) && !local.has(Column::Password));
}

#[test]
fn a_document_of_several_lines_is_one_line() {
    let settings = Some(JsonText::from_stored("{\n\"a\": \"\\n\"}".to_owned()));
    let record = AccountRecord {
        rest: FullColumns { settings, ..FullColumns::default() },
        ..AccountRecord::default()
    };
    let objects = Export::new(ExportKind::Ndjson, None, Secrets::Kept).unwrap();
    assert_eq!(written(&objects, &[record]), b"{\"settings\":{ \"a\": \"\\n\"}}\n");
}

/// Texts with all that a form could trip over. An empty text is nothing in a table.
fn text() -> impl Strategy<Value = Option<String>> {
    proptest::option::of("['=+@,;\"\r\n\t{}ü🚀a -]{1,12}")
}

fn json() -> impl Strategy<Value = Option<JsonText>> {
    let json = proptest::sample::select(vec!["{}", "{\"a\":[1,\"=\"]}", "[]", "\"x\"", "7"]);
    proptest::option::of(json.prop_map(|json| JsonText::from_stored(json.to_owned())))
}

prop_compose! {
    fn rest()(
        id in text(), bio in text(), timezone in text(), stamp in text(), settings in json(), mfa in json(),
        created_at in proptest::option::of(any::<i64>()), active in proptest::option::of(any::<bool>()),
        day in proptest::option::of(-700_000..700_000_i32),
    ) -> FullColumns {
        FullColumns {
            id, bio, timezone, settings, created_at, active,
            session_stamp: stamp.map(SecretString::from),
            mfa: mfa.map(|json| json.into_string().into()),
            date_of_birth: day.and_then(NaiveDate::from_epoch_days),
            ..FullColumns::default()
        }
    }
}

prop_compose! {
    fn record()(
        email in text(), name in text(), role in text(), hash in text(), rest in rest(),
        groups in proptest::option::of(proptest::collection::vec("[a;\\[\", ]{1,4}", 1..4)),
    ) -> AccountRecord {
        AccountRecord { email, name, role, groups, password_hash: hash.map(SecretString::from), rest, ..AccountRecord::default() }
    }
}

/// All that a record says, as text.
fn said(record: &AccountRecord) -> Vec<Option<String>> {
    let secret = |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
    let told =
        super::written(Secrets::Written).map(|column| column.is_in(record).then(|| column.cell(record)));
    told.chain([secret(&record.password_hash), secret(&record.rest.session_stamp), secret(&record.rest.mfa)])
        .collect()
}

proptest! {
    #[test]
    fn t10_an_export_is_read_back_as_it_was(records in proptest::collection::vec(record(), 0..6), table: bool) {
        let export = all(if table { ExportKind::Csv } else { ExportKind::Ndjson });
        let file = written(&export, &records);
        let back = read(export.kind().file_kind(), Box::new(Cursor::new(file))).unwrap();
        let back: Vec<AccountRecord> = back.map(Result::unwrap).collect();
        let told: Vec<_> = back.iter().map(said).collect();
        prop_assert_eq!(told, records.iter().map(said).collect::<Vec<_>>());
    }
}
