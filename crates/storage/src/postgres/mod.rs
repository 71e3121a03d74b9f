//! PostgreSQL: connections and their settings, the lanes' pools, and what `queries/` needs said its way.

mod connect;
mod dialect;
mod engine;
mod inspect;
#[path = "../queries/mod.rs"]
#[expect(clippy::duplicate_mod, reason = "one copy of each query, compiled once for each database")]
mod queries;

pub(crate) use connect::{Connector, Link};
pub(crate) use engine::{Engine, migrate};
