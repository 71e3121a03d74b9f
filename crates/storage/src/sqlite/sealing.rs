//! Sealing events as they are written. SQLite has one writer at a time, so the places of events are known when they are written:
//! a row gets its place and its seal at once, and need not be found and changed a second time.

use std::sync::Arc;

use rosterd_domain::audit::{Chain, ChainState};

/// The ends of both chains within a transaction of the writer, once it has read them. They are written once, before the
/// transaction is committed. They are shared, since each savepoint keeps those before it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sealing {
    ends: Option<Arc<[ChainState; 2]>>,
    /// Those in the database, once they were read.
    stored: Option<Arc<[ChainState; 2]>>,
}

/// Where events are sealed as they are written: in transactions of the writer.
pub(crate) type Seals<'a> = Option<&'a mut Sealing>;

/// Whether events are sealed as they are written.
pub(crate) fn seals_at_once(seals: &Seals<'_>) -> bool {
    seals.is_some()
}

/// The ends of the chains, where they were read or moved in this transaction.
pub(crate) fn known_ends(seals: &Seals<'_>) -> Option<[ChainState; 2]> {
    seals.as_ref().and_then(|sealing| sealing.ends.as_deref().cloned())
}

/// Keeps the ends of the chains as they were read.
pub(crate) fn keep_ends(seals: &mut Seals<'_>, ends: &[ChainState; 2]) {
    if let Some(sealing) = seals {
        let ends = Some(Arc::new(ends.clone()));
        **sealing = Sealing { ends: ends.clone(), stored: ends };
    }
}

/// Keeps the ends of the chains to be written at the end of the transaction; gives them back where they have to be written now.
pub(crate) fn move_ends(seals: &mut Seals<'_>, ends: [ChainState; 2]) -> Option<[ChainState; 2]> {
    let Some(sealing) = seals else { return Some(ends) };
    sealing.ends = Some(Arc::new(ends));
    None
}

impl Sealing {
    /// The ends that are to be written before the commit: those that are not in the database as they are.
    pub(crate) fn to_write(&self) -> impl Iterator<Item = (Chain, &ChainState)> {
        let ends = self.ends.iter().flat_map(|ends| ends.iter());
        let stored = self.stored.as_deref();
        Chain::ALL.into_iter().zip(ends).enumerate().filter_map(move |(at, (chain, end))| {
            let is_stored = stored.and_then(|stored| stored.get(at)).is_some_and(|stored| stored == end);
            (!is_stored).then_some((chain, end))
        })
    }
}
