//! Tables as text: a row of headers, then a row for each account.

use std::io::{self, BufRead, Chain, Cursor, Read};

use csv_core::{ReadFieldResult, Reader, ReaderBuilder};

use super::column::Column;
use super::record::{AccountRecord, Refusal};
use super::text::Text;
use super::{MAX_ROW_BYTES, Records};

/// What may stand between cells, the most usual first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How much of a file is looked at for its delimiter.
const HEAD: usize = 64 << 10;

/// The most columns that a table has.
const MAX_COLUMNS: usize = 1_000;

/// A table that is being read.
pub(super) struct Sheet<R> {
    rows: Rows<Chain<Cursor<Vec<u8>>, Text<R>>>,
    /// What each cell of a row is; `None` for what is not read.
    columns: Vec<Option<Column>>,
    ended: bool,
}

impl<R: Read + Send + 'static> Sheet<R> {
    /// Reads the row of headers, after finding what stands between them.
    ///
    /// # Errors
    /// The file cannot be read; it has no column `email`, or one of the columns twice.
    pub(super) fn open(file: R) -> Result<Records, Refusal> {
        let unreadable = |error: io::Error| Refusal::of_rest(1, unread(&error));
        let mut text = Text::open(file).map_err(unreadable)?;
        let mut head = Vec::new();
        text.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
        let (delimiter, begins_at) = delimiter_of(&head);
        let mut start = Cursor::new(head);
        start.set_position(begins_at);
        let mut rows = Rows::new(start.chain(text), delimiter);
        rows.line += u64::from(begins_at > 0);
        let headers = match rows.next() {
            Some(Row { line, cells: Ok(cells) }) => (line, cells),
            Some(Row { line, cells: Err(fault) }) => return Err(Refusal::of_rest(line, fault.to_string())),
            None => return Err(Refusal::of_rest(1, "the file is empty")),
        };
        let (columns, ignored) = columns_of(headers.1).map_err(|why| Refusal::of_rest(headers.0, why))?;
        Ok(Records::new(Self { rows, columns, ended: false }, ignored))
    }
}

impl<R: Read> Iterator for Sheet<R> {
    type Item = Result<AccountRecord, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let Row { line, cells } = self.rows.next()?;
        Some(match cells {
            Ok(cells) => record_of(line, &self.columns, cells).map_err(|why| Refusal::new(line, why)),
            Err(Fault::NoText) => Err(Refusal::new(line, Fault::NoText.to_string())),
            Err(fault) => {
                self.ended = true;
                Err(Refusal::of_rest(line, fault.to_string()))
            }
        })
    }
}

/// What the headers mean, and those that mean nothing.
fn columns_of(headers: Vec<String>) -> Result<(Vec<Option<Column>>, Vec<String>), String> {
    let mut columns = Vec::with_capacity(headers.len());
    let mut ignored = Vec::new();
    for header in headers {
        let column = Column::of_header(&header);
        if let Some(column) = column.filter(|column| columns.contains(&Some(*column))) {
            return Err(format!("the first line names the column {column} twice"));
        }
        if column.is_none() && !header.trim().is_empty() {
            ignored.push(header.trim().chars().take(100).collect());
        }
        columns.push(column);
    }
    if !columns.contains(&Some(Column::Email)) {
        return Err("the first line names no column email. It has to be a line of names, such as \
                    name,email,password,role"
            .to_owned());
    }
    Ok((columns, ignored))
}

fn record_of(line: u64, columns: &[Option<Column>], cells: Vec<String>) -> Result<AccountRecord, String> {
    if let Some(extra) = cells.get(columns.len()..).filter(|extra| extra.iter().any(|cell| !cell.is_empty()))
    {
        let (has, named) = (columns.len() + extra.len(), columns.len());
        return Err(format!(
            "it has {has} cells, and the first line names {named} columns. A cell that holds the separator has to stand in \
             quotation marks"
        ));
    }
    let mut record = AccountRecord { line, ..AccountRecord::default() };
    for (column, cell) in columns.iter().zip(cells) {
        if let Some(column) = column {
            column.put_cell(&mut record, cell)?;
        }
    }
    Ok(record)
}

/// What stands between the cells of a table that begins like this, and where its first row begins: Excel's own line
/// `sep=;` is no row.
fn delimiter_of(head: &[u8]) -> (u8, u64) {
    if let [b's', b'e', b'p', b'=', delimiter, rest @ ..] = head
        && let Some(end) = [&b"\r\n"[..], b"\n"].into_iter().find(|end| rest.starts_with(end))
    {
        return (*delimiter, 5 + end.len() as u64);
    }
    let known = |delimiter: &u8| {
        let first = Rows::new(head, *delimiter).next().and_then(|row| row.cells.ok()).unwrap_or_default();
        let known = first.iter().filter(|header| Column::of_header(header).is_some()).count();
        (known, first.len())
    };
    // The first of several that do equally well.
    let best = DELIMITERS.iter().rev().max_by_key(|delimiter| known(delimiter));
    (best.copied().unwrap_or(b','), 0)
}

/// What is wrong with a row.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error("it is not text in UTF-8 or UTF-16. Save the file as \"CSV UTF-8\"")]
    NoText,
    #[error("it is longer than {} MiB. A quotation mark may not be closed", MAX_ROW_BYTES >> 20)]
    TooLong,
    #[error("it has more than {MAX_COLUMNS} columns")]
    TooMany,
    #[error("{}", unread(.0))]
    Unread(io::Error),
}

impl Fault {
    /// Whether it is about this row alone.
    pub(super) fn is_of_row(&self) -> bool {
        matches!(self, Self::NoText)
    }
}

/// The rows of a table whose headers are not known here: between its cells stands what parts the first row into the most.
///
/// # Errors
/// The file cannot be read.
pub(super) fn rows_of<R: BufRead>(mut file: R) -> io::Result<Rows<Chain<Cursor<Vec<u8>>, R>>> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    let cells = |delimiter: &u8| {
        let first = Rows::new(head.as_slice(), *delimiter).next().and_then(|row| row.cells.ok());
        first.map_or(0, |cells| cells.len())
    };
    // The first of several that do equally well.
    let best = DELIMITERS.iter().rev().max_by_key(|delimiter| cells(delimiter)).copied();
    Ok(Rows::new(Cursor::new(head).chain(file), best.unwrap_or(b',')))
}

/// Why a file cannot be read on.
pub(super) fn unread(error: &io::Error) -> String {
    format!("the file cannot be read: {error}")
}

/// A row, and the line in which it begins.
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) cells: Result<Vec<String>, Fault>,
}

/// The rows of a table. It keeps one row at a time.
pub(super) struct Rows<R> {
    file: R,
    cells: Reader,
    /// The line that is read next, from 1.
    line: u64,
    cell: Vec<u8>,
}

impl<R: BufRead> Rows<R> {
    fn new(file: R, delimiter: u8) -> Self {
        let cells = ReaderBuilder::new().delimiter(delimiter).build();
        Self { file, cells, line: 1, cell: vec![0; 1 << 10] }
    }

    /// The next row; blank lines are none.
    pub(super) fn next(&mut self) -> Option<Row> {
        if let Err(error) = self.skip_blank_lines() {
            return Some(Row { line: self.line, cells: Err(Fault::Unread(error)) });
        }
        let line = self.line;
        let mut cells = Vec::new();
        let (mut bytes, mut is_text) = (0_usize, true);
        let cells = loop {
            let (length, is_last) = match self.next_cell(MAX_ROW_BYTES.saturating_sub(bytes)) {
                Ok(Some(cell)) => cell,
                // The end of the file.
                Ok(None) if cells.is_empty() && is_text => return None,
                Ok(None) => break Ok(cells),
                Err(fault) => break Err(fault),
            };
            // A cell costs memory even where it is empty.
            bytes = bytes.saturating_add(length + size_of::<String>());
            match std::str::from_utf8(self.cell.get(..length).unwrap_or_default()) {
                Ok(text) => cells.push(text.to_owned()),
                Err(_no_text) => is_text = false,
            }
            if cells.len() > MAX_COLUMNS {
                break Err(Fault::TooMany);
            }
            if is_last {
                break Ok(cells);
            }
        };
        let cells = if is_text || cells.is_err() { cells } else { Err(Fault::NoText) };
        Some(Row { line, cells })
    }

    /// The length of the next cell, which is at the beginning of `cell`, and whether it is the last of its row.
    fn next_cell(&mut self, room: usize) -> Result<Option<(usize, bool)>, Fault> {
        let mut length = 0;
        loop {
            let input = self.file.fill_buf().map_err(Fault::Unread)?;
            let into = self.cell.get_mut(length..).unwrap_or_default();
            let (read, taken, written) = self.cells.read_field(input, into);
            self.line += newlines(input.get(..taken).unwrap_or_default());
            self.file.consume(taken);
            length += written;
            match read {
                ReadFieldResult::InputEmpty => {}
                ReadFieldResult::OutputFull if self.cell.len() >= room.min(MAX_ROW_BYTES) => {
                    return Err(Fault::TooLong);
                }
                ReadFieldResult::OutputFull => self.cell.resize(self.cell.len() * 2, 0),
                ReadFieldResult::Field { record_end } => return Ok(Some((length, record_end))),
                ReadFieldResult::End => return Ok(None),
            }
        }
    }

    /// The parser skips them too, but does not say in which line the next row begins.
    fn skip_blank_lines(&mut self) -> io::Result<()> {
        loop {
            let input = self.file.fill_buf()?;
            let blank = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if blank == 0 {
                return Ok(());
            }
            self.line += newlines(&input[..blank]);
            self.file.consume(blank);
        }
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    bytes.split(|byte| *byte == b'\n').skip(1).map(|_line| 1).sum()
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
