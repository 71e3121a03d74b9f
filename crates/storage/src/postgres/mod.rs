//! PostgreSQL: connections and their settings, the lanes' pools, and what `queries/` needs said its way.

mod additions;
mod connect;
mod dialect;
mod engine;
mod in_columns;
mod inspect;
mod one_pass;
mod packing;
mod places;
#[path = "../queries/mod.rs"]
#[cfg_attr(
    all(feature = "sqlite", feature = "postgres"),
    expect(clippy::duplicate_mod, reason = "one copy of each query, compiled once for each database")
)]
mod queries;
mod sealing;

pub(crate) use connect::{Connector, Link};
pub(crate) use engine::{Engine, known, migrate};
pub(crate) use inspect::inspect_named;
