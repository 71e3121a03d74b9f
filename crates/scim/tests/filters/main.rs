//! Filters: what holds for every one, and what another parser makes of them. The seeds are fixed: a run that fails fails again.

#![expect(clippy::unwrap_used, reason = "a helper of a test may stop where it stands")]

mod every;
mod oracle;
mod strategies;
