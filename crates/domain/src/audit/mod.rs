//! The audit log: what happened, as rows that are sealed so that nobody can alter them unseen. docs/AUDIT.md explains it to
//! whoever runs the server.
//!
//! What is here is pure: what a row consists of, which text of it is sealed, and how a chain of seals is verified.

mod chain;
mod head;
mod ocsf;
mod query;
mod row;
mod seal;
mod verify;
mod wire;

pub use chain::Chain;
pub use head::{Head, HeadError};
pub use ocsf::to_ocsf;
pub use query::{ActionFilter, EventQuery};
pub use row::{EventActor, EventRow, EventSubject, Label, NewEvent};
pub use seal::{FIRST, Seal, canonical_text, commitment, seal_next, seal_of};
pub use verify::{ChainState, Fault, Finding, Report, Verifier};
pub use wire::{AuditActor, AuditEvent, AuditSubject, ErasedValues};
