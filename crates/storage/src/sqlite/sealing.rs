//! Sealing events as they are written. SQLite has one writer at a time, so the places of events are known when they are written:
//! a row gets its place and its seal at once, and need not be found and changed a second time.

use rosterd_domain::audit::ChainState;

/// The ends of both chains within a transaction of the writer, once it has read them. They are written once, before the
/// transaction is committed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sealing {
    ends: Option<[ChainState; 2]>,
    /// They are not those in the database.
    moved: bool,
}

/// Where events are sealed as they are written: in transactions of the writer.
pub(crate) type Seals<'a> = Option<&'a mut Sealing>;

/// Whether events are sealed as they are written.
pub(crate) fn seals_at_once(seals: &Seals<'_>) -> bool {
    seals.is_some()
}

/// The ends of the chains, where they were read or moved in this transaction.
pub(crate) fn known_ends(seals: &Seals<'_>) -> Option<[ChainState; 2]> {
    seals.as_ref().and_then(|sealing| sealing.ends.clone())
}

/// Keeps the ends of the chains as they were read.
pub(crate) fn keep_ends(seals: &mut Seals<'_>, ends: &[ChainState; 2]) {
    if let Some(sealing) = seals {
        sealing.ends = Some(ends.clone());
    }
}

/// Keeps the ends of the chains to be written at the end of the transaction; `false` where they have to be written now.
pub(crate) fn move_ends(seals: &mut Seals<'_>, ends: &[ChainState; 2]) -> bool {
    let Some(sealing) = seals else { return false };
    **sealing = Sealing { ends: Some(ends.clone()), moved: true };
    true
}

impl Sealing {
    /// The ends that are to be written before the commit; `None` where the database has them.
    pub(crate) fn to_write(&self) -> Option<&[ChainState; 2]> {
        self.ends.as_ref().filter(|_| self.moved)
    }
}
