//! The text of a file as UTF-8, whichever encoding of Unicode it is stored in.

use std::io::{self, BufRead, Read};

/// Stands for what is no text. It is no UTF-8 either, so the row that holds it is refused, and no other.
const NO_TEXT: u8 = 0xFF;

/// How much is decoded at a time.
const PART: usize = 16 << 10;

/// How the text of a file is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16 { big: bool },
}

impl Encoding {
    /// What the first bytes say, and how many of them are a byte-order mark. Without one, text in UTF-16 is told by its
    /// first character, which is a Latin one in every header and in every object.
    fn of(first: &[u8]) -> (Self, usize) {
        match first {
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [0xFF, 0xFE, ..] => (Self::Utf16 { big: false }, 2),
            [0xFE, 0xFF, ..] => (Self::Utf16 { big: true }, 2),
            [1..=255, 0, ..] => (Self::Utf16 { big: false }, 0),
            [0, 1..=255, ..] => (Self::Utf16 { big: true }, 0),
            _ => (Self::Utf8, 0),
        }
    }
}

/// Reads the text of a file as UTF-8, without a byte-order mark. What is no text comes as a byte that is none either.
pub(super) struct Text<R> {
    file: R,
    encoding: Encoding,
    /// Bytes of UTF-16 that are no whole character yet.
    pending: Vec<u8>,
    decoded: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Text<R> {
    /// Looks at the first bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn open(mut file: R) -> io::Result<Self> {
        let mut first = Vec::with_capacity(4);
        file.by_ref().take(4).read_to_end(&mut first)?;
        let (encoding, mark) = Encoding::of(&first);
        first.drain(..mark);
        let (pending, decoded) = match encoding {
            Encoding::Utf8 => (Vec::new(), first),
            Encoding::Utf16 { .. } => (first, Vec::new()),
        };
        Ok(Self { file, encoding, pending, decoded, at: 0, ended: false })
    }

    fn refill(&mut self) -> io::Result<()> {
        self.decoded.clear();
        self.at = 0;
        match self.encoding {
            Encoding::Utf8 => {
                self.decoded.resize(PART, 0);
                let read = read_some(&mut self.file, &mut self.decoded)?;
                self.decoded.truncate(read);
            }
            Encoding::Utf16 { big } => self.refill_utf16(big)?,
        }
        Ok(())
    }

    /// Decodes until there is something, or the file ends.
    fn refill_utf16(&mut self, big: bool) -> io::Result<()> {
        while self.decoded.is_empty() && !self.ended {
            let had = self.pending.len();
            self.pending.resize(had + PART, 0);
            let read = read_some(&mut self.file, &mut self.pending[had..])?;
            self.pending.truncate(had + read);
            self.ended = read == 0;
            let used = decode(&self.pending, big, self.ended, &mut self.decoded);
            self.pending.drain(..used);
        }
        Ok(())
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut ready = self.fill_buf()?;
        let read = ready.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Text<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.decoded.len() {
            self.refill()?;
        }
        Ok(self.decoded.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at = self.at.saturating_add(amount).min(self.decoded.len());
    }
}

fn read_some(file: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

/// Decodes whole characters and gives how many bytes they took. At the end of a file nothing is left over.
fn decode(bytes: &[u8], big: bool, is_end: bool, into: &mut Vec<u8>) -> usize {
    let unit = |pair: &[u8]| match *pair {
        [first, second] if big => Some(u16::from_be_bytes([first, second])),
        [first, second] => Some(u16::from_le_bytes([first, second])),
        _ => None,
    };
    let mut used = 0;
    while let Some(first) = bytes.get(used..used + 2).and_then(unit) {
        let second = bytes.get(used + 2..used + 4).and_then(unit);
        let is_first_of_two = (0xD800..0xDC00).contains(&first);
        if is_first_of_two && second.is_none() && !is_end {
            return used;
        }
        let pair = [first, second.filter(|_| is_first_of_two).unwrap_or_default()];
        let pair = if is_first_of_two && second.is_some() { &pair[..] } else { &pair[..1] };
        used += if let Some(Ok(letter)) = char::decode_utf16(pair.iter().copied()).next() {
            into.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            letter.len_utf16() * 2
        } else {
            into.push(NO_TEXT);
            2
        };
    }
    if is_end && used < bytes.len() {
        into.push(NO_TEXT);
        used = bytes.len();
    }
    used
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        Text::open(bytes).unwrap().read_to_end(&mut text).unwrap();
        text
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(read_all("\u{feff}Name".as_bytes()), b"Name");
        for big in [false, true] {
            assert_eq!(read_all(&utf16("\u{feff}Jürgen 🚀", big)), "Jürgen 🚀".as_bytes());
        }
    }

    #[test]
    fn utf_16_without_a_mark_is_told_by_its_first_character() {
        for big in [false, true] {
            assert_eq!(read_all(&utf16("Name,ß", big)), "Name,ß".as_bytes());
        }
        assert!(read_all(b"").is_empty());
        assert_eq!(read_all(b"N"), b"N");
    }

    #[test]
    fn what_is_no_character_stays_no_text() {
        let mut bytes = utf16("\u{feff}a", false);
        bytes.extend(0xD800_u16.to_le_bytes());
        bytes.extend(utf16("b", false));
        bytes.push(7);
        assert_eq!(read_all(&bytes), [b'a', NO_TEXT, b'b', NO_TEXT]);
        assert_eq!(read_all(b"ab\x80"), b"ab\x80");
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_either_order(text in ".{0,400}", big: bool) {
            prop_assert_eq!(read_all(&utf16(&format!("\u{feff}{text}"), big)), text.as_bytes());
        }

        #[test]
        fn any_bytes_can_be_read(bytes: Vec<u8>) {
            read_all(&bytes);
        }
    }
}
