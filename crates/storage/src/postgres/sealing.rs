//! Sealing events as they are written: PostgreSQL never does. Its writers do not wait for each other, so the place of an event is
//! not known before it is committed; a job gives it.

use std::marker::PhantomData;

use rosterd_domain::audit::ChainState;

/// Nothing is sealed as it is written.
#[derive(Debug, Default)]
pub(crate) struct Seals<'a>(PhantomData<&'a ()>);

/// Whether events are sealed as they are written.
pub(crate) fn seals_at_once(_seals: &Seals<'_>) -> bool {
    false
}

/// The ends of the chains are in the database.
pub(crate) fn known_ends(_seals: &Seals<'_>) -> Option<[ChainState; 2]> {
    None
}

/// Nothing is kept.
pub(crate) fn keep_ends(_seals: &mut Seals<'_>, _ends: &[ChainState; 2]) {}

/// Gives them back: they have to be written now.
#[expect(clippy::unnecessary_wraps, reason = "SQLite keeps them")]
pub(crate) fn move_ends(_seals: &mut Seals<'_>, ends: [ChainState; 2]) -> Option<[ChainState; 2]> {
    Some(ends)
}
