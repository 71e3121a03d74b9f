//! What a table and its columns are.

/// What a column holds. Whatever it is, it is read and written as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::migrate_from) enum Kind {
    Text,
    /// A whole number.
    Number,
    /// Seconds since the epoch.
    Time,
    Switch,
    Json,
    Date,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub(in crate::migrate_from) struct Column {
    pub(in crate::migrate_from) name: &'static str,
    pub(in crate::migrate_from) kind: Kind,
    /// It cannot be NULL.
    pub(in crate::migrate_from) required: bool,
    /// Characters that PostgreSQL has room for.
    pub(in crate::migrate_from) most: Option<usize>,
}

impl Column {
    pub(super) const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, required: false, most: None }
    }

    pub(super) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) const fn most(self, characters: usize) -> Self {
        Self { most: Some(characters), ..self }
    }
}

/// A table.
#[derive(Debug)]
pub(in crate::migrate_from) struct Table {
    pub(in crate::migrate_from) name: &'static str,
    pub(in crate::migrate_from) columns: &'static [Column],
    /// The columns that tell its rows apart, and by which they are put in order. All are texts.
    pub(in crate::migrate_from) key: &'static [&'static str],
    /// Columns that name a row of another table, which must be there: otherwise the row is left out.
    pub(in crate::migrate_from) owners: &'static [(&'static str, &'static str)],
    pub(in crate::migrate_from) whence: Whence,
}

/// Which databases it is carried from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::migrate_from) enum Whence {
    /// All.
    Any,
    /// Those that have it: standalone ones, and others that were adopted.
    WhereThere,
    /// Standalone ones.
    Standalone,
    /// Those that have it, into a database whose own log is empty: the log, and what names its events.
    WithLog,
}

impl Table {
    /// The places of the columns of the key.
    pub(in crate::migrate_from) fn key_places(&self) -> impl Iterator<Item = usize> {
        self.key.iter().filter_map(|key| self.columns.iter().position(|column| column.name == *key))
    }

    /// The key of a row.
    pub(in crate::migrate_from) fn key_of(&self, row: &[Option<String>]) -> Vec<String> {
        self.key_places().map(|place| row.get(place).cloned().flatten().unwrap_or_default()).collect()
    }

    /// The place of a column.
    pub(in crate::migrate_from) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

pub(super) const fn text(name: &'static str) -> Column {
    Column::new(name, Kind::Text)
}

pub(super) const fn number(name: &'static str) -> Column {
    Column::new(name, Kind::Number)
}

pub(super) const fn time(name: &'static str) -> Column {
    Column::new(name, Kind::Time)
}

pub(super) const fn switch(name: &'static str) -> Column {
    Column::new(name, Kind::Switch)
}

pub(super) const fn json(name: &'static str) -> Column {
    Column::new(name, Kind::Json)
}
