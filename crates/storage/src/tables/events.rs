//! Tables `rosterd_event` and `rosterd_seal`: the audit log. Only where [`Layout::events`](crate::Layout::events) says so;
//! elsewhere there are no events, and none is written.

use rosterd_domain::audit::{Chain, ChainState, EventQuery, EventRow, NewEvent, Seal};
use rosterd_domain::clock::UnixMillis;

use crate::StoreResult;

/// What can be read of the audit log.
pub trait Events {
    /// One page of events, newest first.
    fn list_events(&mut self, query: &EventQuery) -> StoreResult<Vec<EventRow>>;

    /// One event.
    fn find_event(&mut self, id: &str) -> StoreResult<Option<EventRow>>;

    /// Sealed events with a higher position than this, in the order of positions; at most `limit`.
    fn list_sealed_events(&mut self, after: i64, limit: i64) -> StoreResult<Vec<EventRow>>;

    /// How many events are not sealed, and when the oldest of them happened.
    fn count_unsealed_events(&mut self) -> StoreResult<(i64, Option<UnixMillis>)>;

    /// How far either chain has come (lasting, passing).
    fn find_chains(&mut self) -> StoreResult<[ChainState; 2]>;
}

/// How events are written with what they tell of. Kept apart from the other writes: who has access to those must not write
/// events of their own.
pub trait EventWrites {
    /// Keeps an event to be written in this transaction. On PostgreSQL, one that is noted before a hot write goes to the
    /// database in the same statement.
    fn note_event(&mut self, event: NewEvent);

    /// Writes what was noted and is not written, in one statement where there are few. The transaction must not be committed
    /// without it.
    fn write_noted_events(&mut self) -> StoreResult<()>;
}

/// An event's place and seal, to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedEvent {
    /// Which event.
    pub id: String,
    /// Its position.
    pub position: i64,
    /// Its seal.
    pub seal: Seal,
}

/// What the server does with the audit log by itself. Whoever seals, removes or erases holds
/// [`Lock::Audit`](crate::Lock::Audit).
pub trait AuditUpkeep {
    /// Writes an event that stands for several: where there is one with its id that is not sealed, `count` is added to that
    /// one. Gives `false` where that one is sealed already, and nothing was written.
    fn count_event(&mut self, event: &NewEvent) -> StoreResult<bool>;

    /// Events that are not sealed, by id; at most `limit`. Those that stand for several are left out until they happened
    /// before `counted_before`: they may still grow.
    fn list_unsealed_events(&mut self, counted_before: UnixMillis, limit: i64) -> StoreResult<Vec<EventRow>>;

    /// Gives events their positions and seals, and notes how far the chains have come with them.
    fn seal_events(&mut self, sealed: &[SealedEvent], chains: &[ChainState; 2]) -> StoreResult<()>;

    /// Removes the oldest sealed events of a chain that happened before a moment, at most `limit`, and keeps the last seal of
    /// them. Gives how many that were. It ends at the first one that is younger.
    fn remove_events(&mut self, chain: Chain, before: UnixMillis, limit: i64) -> StoreResult<usize>;

    /// Writes events back as [`erased`](EventRow::erased) makes them.
    fn replace_erased_events(&mut self, rows: &[EventRow]) -> StoreResult<()>;

    /// Events about this user that are not erased, and those done by it that say nothing but its client IP; by id, after this
    /// one, at most `limit`.
    fn list_events_to_erase(&mut self, user: &str, after: &str, limit: i64) -> StoreResult<Vec<EventRow>>;
}
