//! The API over HTTP: a real server on a port of its own, a database for each test. Modules are named after URLs or
//! after what they put the whole API to; rules are named by their ids in docs/RULES.md.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod access;
mod accounts;
mod activity;
mod alias;
mod attached;
mod audit;
mod browsers;
mod client_ip;
mod config;
mod confirm;
mod connections;
mod declare;
mod errors;
mod events;
mod groups;
mod jobs;
mod journey;
mod links;
mod mail;
mod metrics;
mod processes;
mod races;
mod recordings;
mod replica;
mod robustness;
mod rules;
mod scim;
mod start;
mod statements;
mod streaming;
mod support;
mod transfer;
mod trusted;
mod untouched;
mod users;
mod webhooks;
