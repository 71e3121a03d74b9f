use proptest::prelude::*;
use secrecy::ExposeSecret;

use super::super::{FileKind, read};
use super::*;

fn opened(bytes: &[u8]) -> Result<Records, Refusal> {
    read(FileKind::Csv, Box::new(Cursor::new(bytes.to_vec())))
}

fn rows(bytes: &[u8]) -> Vec<Result<AccountRecord, Refusal>> {
    opened(bytes).unwrap().collect()
}

fn only(bytes: &[u8]) -> AccountRecord {
    let mut rows = rows(bytes);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows.remove(0).unwrap()
}

#[test]
fn t1_open_webuis_own_file_is_read_as_it_is() {
    let record = only(b"Name,Email,Password,Role\nAnn Lee,ann@example.com,a pass phrase,user\n");
    assert_eq!(record.line, 2);
    assert_eq!(record.name.as_deref(), Some("Ann Lee"));
    assert_eq!(record.email.as_deref(), Some("ann@example.com"));
    assert_eq!(record.password.unwrap().expose_secret(), "a pass phrase");
    assert_eq!(record.role.as_deref(), Some("user"));
    assert!(record.groups.is_none() && record.password_hash.is_none());
}

#[test]
fn t1_any_delimiter_is_found() {
    for (delimiter, first) in
        [(',', ""), (';', ""), ('\t', ""), ('|', ""), ('#', "sep=#\r\n"), (';', "sep=;\n")]
    {
        let d = delimiter;
        let file = format!("{first}E-Mail{d}NAME{d}Cost, in total\r\na@b.c{d}\"Lee{d} Ann\"{d}1\r\n");
        let record = only(file.as_bytes());
        assert_eq!(record.email.as_deref(), Some("a@b.c"), "{file}");
        assert_eq!(record.name, Some(format!("Lee{d} Ann")));
        assert_eq!(record.line, if first.is_empty() { 2 } else { 3 });
    }
    assert_eq!(only(b"email\na@b.c").email.as_deref(), Some("a@b.c"));
}

#[test]
fn t1_columns_that_are_not_read_are_named() {
    let records = opened(b"email,Passwort,,Role\n").unwrap();
    assert_eq!(records.ignored_columns(), ["Passwort"]);
}

#[test]
fn lines_are_counted_over_blank_ones_and_long_cells() {
    for end in ["\n", "\r\n"] {
        let file = ["email,name", "", "a@b.c,\"two", "lines\"", "", "", "c@d.e,x", "e@f.g,y"].join(end);
        let lines: Vec<u64> = rows(file.as_bytes()).into_iter().map(|row| row.unwrap().line).collect();
        assert_eq!(lines, [3, 7, 8], "{end:?}");
    }
}

#[test]
fn a_file_without_a_line_of_names_is_refused() {
    for (file, said) in [
        (&b""[..], "line 1: the file is empty"),
        (b"\n\n", "line 1: the file is empty"),
        (b"ann@example.com,Ann", "names no column email"),
        (b"email,E-Mail\n", "names the column email twice"),
        (b"email,\xff\n", "not text in UTF-8"),
    ] {
        let refused = opened(file).unwrap_err();
        assert!(refused.ends_file && refused.to_string().contains(said), "{refused}");
    }
}

#[test]
fn a_bad_row_is_told_and_the_next_is_read() {
    let rows = rows(b"email,created_at\na@b.c,soon\n\xe4@b.c,1\nc@d.e,1,2\ne@f.g,1,,\n");
    let told: Vec<String> =
        rows.iter().filter_map(|row| row.as_ref().err()).map(Refusal::to_string).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert_eq!(told[0], "line 2: created_at must be a number of seconds since 1970");
    assert!(told[1].starts_with("line 3: it is not text in UTF-8"));
    assert!(told[2].starts_with("line 4: it has 3 cells, and the first line names 2 columns"));
    assert!(rows[3].is_ok());
}

#[test]
fn a_quotation_mark_that_is_not_closed_ends_the_file() {
    let mut file = b"email,name\na@b.c,\"".to_vec();
    file.resize(MAX_ROW_BYTES + (2 << 20), b'x');
    let mut rows = rows(&file);
    let refused = rows.pop().unwrap().unwrap_err();
    assert!(rows.is_empty() && refused.ends_file && refused.line == 2);
    assert!(refused.reason.contains("quotation mark"), "{refused}");
    let mut empty = b"email\n".to_vec();
    empty.resize(1 << 20, b',');
    assert!(self::rows(&empty).pop().unwrap().unwrap_err().reason.contains("more than 1000 columns"));
}

proptest! {
    #[test]
    fn any_bytes_are_rows_or_refusals(bytes: Vec<u8>) {
        if let Ok(records) = opened(&bytes) {
            records.for_each(drop);
        }
    }

    #[test]
    fn any_rows_behind_headers_are_rows_or_refusals(rows in "[a@.,;\"'\r\n\t ü]{0,200}") {
        let file = format!("email,name\n{rows}");
        opened(file.as_bytes()).unwrap().for_each(drop);
    }
}
