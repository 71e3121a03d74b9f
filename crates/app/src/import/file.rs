//! A file that is read twice.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, Write};

use bytes::Bytes;
use rosterd_domain::transfer::foreign::{self, FirebaseKey, Foreign};
use rosterd_domain::transfer::{self, FileKind, Records, Refusal};

/// How much of what arrives is kept in memory; more is written into a temporary file.
const IN_MEMORY: usize = 1 << 20;

/// What is imported, and its form.
#[derive(Debug)]
pub struct ImportFile {
    /// Its form.
    pub kind: FileKind,
    /// Its bytes.
    pub spool: Spool,
    /// The key of the project, for a file of Firebase.
    pub firebase_key: Option<FirebaseKey>,
}

impl ImportFile {
    /// Begins to read it, from the beginning.
    ///
    /// # Errors
    /// As [`transfer::read`].
    pub(super) fn records(&self) -> Result<Records, Refusal> {
        let reader = self
            .spool
            .reader()
            .map_err(|error| Refusal::of_rest(1, format!("the file cannot be read: {error}")))?;
        match self.kind {
            FileKind::Foreign(system) => foreign::read(system, reader, self.firebase_key.clone()),
            kind => transfer::read(kind, reader),
        }
    }
}

/// Bytes that can be read again and again, by one reader at a time.
#[derive(Debug)]
pub enum Spool {
    /// In memory.
    Memory(Bytes),
    /// In a file.
    File(File),
}

/// How much of a file shows which system it is of.
const BEGINNING: u64 = 64 << 10;

impl Spool {
    /// The system whose file this is, by what it holds; `None` where that is none, or not clear (rule T13).
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn recognise(&self) -> io::Result<Option<Foreign>> {
        let mut beginning = Vec::new();
        self.reader()?.take(BEGINNING).read_to_end(&mut beginning)?;
        Ok(Foreign::recognise(&beginning))
    }

    fn reader(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Memory(bytes) => Box::new(Cursor::new(bytes.clone())),
            Self::File(file) => {
                let mut file = file.try_clone()?;
                file.rewind()?;
                Box::new(file)
            }
        })
    }
}

/// Takes bytes as they arrive. A temporary file has no name and is gone with the process.
#[derive(Debug, Default)]
pub struct SpoolWriter {
    memory: Vec<u8>,
    file: Option<File>,
}

impl SpoolWriter {
    /// Ends it.
    #[must_use]
    pub fn finish(self) -> Spool {
        match self.file {
            None => Spool::Memory(self.memory.into()),
            Some(file) => Spool::File(file),
        }
    }
}

impl Write for SpoolWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.file {
            return file.write(bytes);
        }
        if self.memory.len() + bytes.len() > IN_MEMORY {
            let mut file = tempfile::tempfile()?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            return self.file.insert(file).write(bytes);
        }
        self.memory.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(spool: &Spool) -> Vec<u8> {
        let mut bytes = Vec::new();
        spool.reader().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_arrives_can_be_read_twice_in_memory_or_not() {
        for parts in [1, 40] {
            let mut writer = SpoolWriter::default();
            for part in 0..parts {
                writer.write_all(&vec![part; 50_000]).unwrap();
            }
            let spool = writer.finish();
            assert_eq!(matches!(spool, Spool::File(_)), parts > 1);
            for _twice in 0..2 {
                let bytes = read(&spool);
                assert_eq!(bytes.len(), usize::from(parts) * 50_000);
                assert_eq!(bytes.last(), Some(&(parts - 1)));
            }
        }
    }
}
