//! Files with an object of JSON in each line.

use std::collections::BTreeMap;
use std::io::{BufRead, Read};

use serde_json::value::RawValue;

use super::column::Column;
use super::record::{AccountRecord, Refusal};
use super::sheet::unread;
use super::text::Text;
use super::{MAX_ROW_BYTES, Records};

/// A file that is being read. It keeps one line at a time.
pub(super) struct Lines<R> {
    file: Text<R>,
    line: u64,
    ended: bool,
}

impl<R: Read + Send + 'static> Lines<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn open(file: R) -> Result<Records, Refusal> {
        let file = Text::open(file).map_err(|error| Refusal::of_rest(1, unread(&error)))?;
        Ok(Records::new(Self { file, line: 0, ended: false }, Vec::new()))
    }
}

impl<R: Read> Lines<R> {
    fn ending(&mut self, why: impl Into<String>) -> Refusal {
        self.ended = true;
        Refusal::of_rest(self.line, why)
    }
}

impl<R: Read> Iterator for Lines<R> {
    type Item = Result<AccountRecord, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.ended {
            let mut line = Vec::new();
            self.line += 1;
            let read = self.file.by_ref().take(MAX_ROW_BYTES as u64 + 1).read_until(b'\n', &mut line);
            match read {
                Err(error) => return Some(Err(self.ending(unread(&error)))),
                Ok(0) => return None,
                Ok(bytes) if bytes > MAX_ROW_BYTES => {
                    let why = format!("it is longer than {} MiB", MAX_ROW_BYTES >> 20);
                    return Some(Err(self.ending(why)));
                }
                Ok(_) if line.trim_ascii().is_empty() => {}
                Ok(_) => {
                    return Some(record_of(self.line, &line).map_err(|why| Refusal::new(self.line, why)));
                }
            }
        }
        None
    }
}

fn record_of(number: u64, line: &[u8]) -> Result<AccountRecord, String> {
    let text =
        std::str::from_utf8(line).map_err(|_no_text| "it is not text in UTF-8 or UTF-16".to_owned())?;
    let values: BTreeMap<String, &RawValue> =
        serde_json::from_str(text).map_err(|_no_object| "it is not an object of JSON".to_owned())?;
    let mut record = AccountRecord { line: number, ..AccountRecord::default() };
    for (name, value) in values {
        if let Some(column) = Column::ALL.iter().find(|column| column.as_str() == name) {
            column.put_json(&mut record, value)?;
        }
    }
    Ok(record)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{FileKind, read};
    use super::*;

    fn rows(bytes: &[u8]) -> Vec<Result<AccountRecord, Refusal>> {
        read(FileKind::Ndjson, Box::new(std::io::Cursor::new(bytes.to_vec()))).unwrap().collect()
    }

    #[test]
    fn each_line_is_an_account() {
        let rows = rows(
            b"\xef\xbb\xbf{\"email\":\"a@b.c\",\"groups\":[\"x\"],\"settings\":{\"ui\": {}},\"more\":1}\r\n\n\
              {\"email\":null,\"created_at\":7}",
        );
        let [Ok(first), Ok(second)] = rows.as_slice() else { panic!("{rows:?}") };
        assert_eq!(first.email.as_deref(), Some("a@b.c"));
        assert_eq!(first.groups.as_deref(), Some(&["x".to_owned()][..]));
        assert_eq!(first.rest.settings.as_ref().unwrap().as_str(), "{\"ui\": {}}");
        assert_eq!((second.line, second.rest.created_at, &second.email), (3, Some(7), &None));
    }

    #[test]
    fn a_bad_line_is_told_and_the_next_is_read() {
        let rows = rows(b"[]\n{\"email\":7}\n\xff\n{\"email\":\"a@b.c\"}\n{");
        let told: Vec<String> =
            rows.iter().filter_map(|row| row.as_ref().err()).map(Refusal::to_string).collect();
        assert_eq!(
            told,
            [
                "line 1: it is not an object of JSON",
                "line 2: email must be a text",
                "line 3: it is not text in UTF-8 or UTF-16",
                "line 5: it is not an object of JSON",
            ]
        );
        assert!(rows[3].is_ok());
    }

    #[test]
    fn a_line_without_end_ends_the_file() {
        let mut rows = rows(&vec![b'x'; MAX_ROW_BYTES + 2]);
        let refused = rows.pop().unwrap().unwrap_err();
        assert!(rows.is_empty() && refused.ends_file);
        assert_eq!(refused.reason, "it is longer than 16 MiB");
    }

    proptest! {
        #[test]
        fn any_bytes_are_rows_or_refusals(bytes: Vec<u8>) {
            rows(&bytes);
        }
    }
}
