//! Reading a file chunk by chunk, on a thread that may wait for it.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use rosterd_domain::email::comparable;
use rosterd_domain::rules::import::{CHUNK_BYTES, CHUNK_PASSWORDS, CHUNK_ROWS, MOST_ATOMIC_ROWS};
use rosterd_domain::transfer::{AccountRecord, Records, Refusal};

use super::file::ImportFile;
use crate::error::{AppError, AppResult};

/// Rows that are judged, and written, together.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Those that could be read, and are not in the file before.
    pub(super) records: Vec<AccountRecord>,
    /// The others.
    pub(super) refused: Vec<Refusal>,
    /// The lines of all.
    pub(super) rows: Vec<u64>,
}

impl Chunk {
    /// Whether the file is over.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// What a chunk may hold.
#[derive(Debug, Clone, Copy)]
struct Limits {
    rows: usize,
    bytes: usize,
    passwords: usize,
}

/// A file that is being read.
pub(super) struct Reading {
    records: Records,
    seen: Seen,
    limits: Limits,
}

impl Reading {
    /// Begins at the beginning.
    ///
    /// # Errors
    /// Inside, the refusal of the file as a whole.
    pub(super) async fn open(file: Arc<ImportFile>) -> AppResult<Result<Self, Refusal>> {
        let limits = Limits { rows: CHUNK_ROWS, bytes: CHUNK_BYTES, passwords: CHUNK_PASSWORDS };
        let open = move || {
            let records = file.records()?;
            Ok(Self { records, seen: Seen::default(), limits })
        };
        aside(open).await
    }

    /// The same with all rows in one chunk.
    pub(super) fn into_one_chunk(self) -> Self {
        let limits = Limits { rows: MOST_ATOMIC_ROWS + 1, bytes: usize::MAX, passwords: usize::MAX };
        Self { limits, ..self }
    }

    /// The headers of columns that are not read.
    pub(super) fn ignored_columns(&self) -> &[String] {
        self.records.ignored_columns()
    }

    /// The next rows; none at the end.
    pub(super) async fn next(self) -> AppResult<(Self, Chunk)> {
        aside(move || {
            let mut reading = self;
            let chunk = reading.take();
            (reading, chunk)
        })
        .await
    }

    fn take(&mut self) -> Chunk {
        let mut chunk = Chunk::default();
        let (mut bytes, mut passwords) = (0, 0);
        let Limits { rows, bytes: most_bytes, passwords: most_passwords } = self.limits;
        while chunk.rows.len() < rows && bytes < most_bytes && passwords < most_passwords {
            match self.records.next() {
                None => break,
                Some(Err(refusal)) => {
                    chunk.rows.push(refusal.line);
                    chunk.refused.push(refusal);
                }
                Some(Ok(record)) => {
                    chunk.rows.push(record.line);
                    bytes += record.weight();
                    passwords += usize::from(record.password.is_some());
                    match self.seen.note(&record) {
                        Ok(()) => chunk.records.push(record),
                        Err(reason) => chunk.refused.push(Refusal::new(record.line, reason)),
                    }
                }
            }
        }
        chunk
    }
}

/// Runs what may wait for a disk beside the threads that answer.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> AppResult<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_panicked| AppError::Internal("reading a file that is imported failed"))
}

/// What accounts a file has named. Of each e-mail address and each id it keeps a number, drawn anew for each import.
#[derive(Default)]
struct Seen {
    draw: RandomState,
    /// The line by what it names.
    lines: HashMap<u64, u64>,
}

impl Seen {
    /// Notes a row.
    ///
    /// # Errors
    /// Which line names the same account.
    fn note(&mut self, record: &AccountRecord) -> Result<(), String> {
        let named =
            [("e-mail address", record.email.as_deref().map(comparable)), ("id", record.rest.id.clone())];
        for (what, name) in named {
            let Some(name) = name.filter(|name| !name.is_empty()) else { continue };
            let key = self.draw.hash_one((what, name));
            let line = *self.lines.entry(key).or_insert(record.line);
            if line != record.line {
                return Err(format!("line {line} has the same {what}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::Spool;
    use rosterd_domain::transfer::FileKind;

    async fn reading(text: String) -> Reading {
        let spool = Spool::Memory(text.into());
        let file = ImportFile { kind: FileKind::Csv, spool, firebase_key: None };
        Reading::open(Arc::new(file)).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn t3_a_chunk_has_so_many_rows() {
        let rows: Vec<String> = (0..2_500).map(|n| format!("a{n}@b.c")).collect();
        let mut reading = reading(format!("email\n{}", rows.join("\n"))).await;
        let mut sizes = Vec::new();
        loop {
            let (next, chunk) = reading.next().await.unwrap();
            reading = next;
            if chunk.is_empty() {
                break;
            }
            sizes.push(chunk.records.len());
        }
        assert_eq!(sizes, [1_000, 1_000, 500]);
    }

    #[tokio::test]
    async fn t3_passwords_in_clear_make_chunks_short() {
        let rows: Vec<String> = (0..150).map(|n| format!("a{n}@b.c,secret words")).collect();
        let file = format!("email,password\n{}", rows.join("\n"));
        let (_, chunk) = reading(file).await.next().await.unwrap();
        assert_eq!(chunk.rows.len(), CHUNK_PASSWORDS);
    }

    #[tokio::test]
    async fn t2_an_account_is_named_once() {
        let text = "email,id\na@b.c,1\nA@B.c ,2\nc@d.e,1\nc@d.e,\n,\n,\n";
        let (_, chunk) = reading(text.to_owned()).await.next().await.unwrap();
        let told: Vec<String> = chunk.refused.iter().map(Refusal::to_string).collect();
        assert_eq!(
            told,
            [
                "line 3: line 2 has the same e-mail address",
                "line 4: line 2 has the same id",
                "line 5: line 4 has the same e-mail address",
            ]
        );
        assert_eq!(chunk.rows, [2, 3, 4, 5, 6, 7]);
    }
}
