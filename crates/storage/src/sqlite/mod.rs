//! SQLite: connections and their PRAGMAs, the lanes' pools, and what `queries/` needs said its way.

mod additions;
mod connect;
mod dialect;
mod engine;
mod file;
mod hold;
mod inspect;
mod kept;
mod leaving;
#[cfg(feature = "one-by-one")]
mod one_by_one;
mod packing;
mod places;
#[path = "../queries/mod.rs"]
#[cfg_attr(
    all(feature = "sqlite", feature = "postgres"),
    expect(clippy::duplicate_mod, reason = "one copy of each query, compiled once for each database")
)]
mod queries;
mod sealing;

pub(crate) use connect::{Connector, Link, uri};
pub(crate) use engine::{Engine, known, migrate};
pub(crate) use file::{OpenFile, ensure_there, explained, read_only_part};
pub(crate) use inspect::inspect;
pub(crate) use queries::Queries;
pub(crate) use sealing::Sealing;
