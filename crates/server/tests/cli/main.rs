//! The program as its user meets it: commands, exit codes, files it makes, signals.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod accounts;
mod adopting;
mod api_keys;
mod audit;
#[cfg(target_os = "linux")]
mod backups;
mod client_ip;
mod commands;
mod config;
mod confirmed;
#[cfg(unix)]
mod declare;
mod deleted;
#[cfg(unix)]
mod documents;
mod events;
#[cfg(unix)]
mod files;
mod foreign;
mod groups;
mod health;
#[cfg(unix)]
mod killed;
mod links;
mod lists;
mod making;
#[cfg(target_os = "linux")]
mod migrating;
mod odd_hashes;
mod one_file;
#[cfg(target_os = "linux")]
mod people;
mod permissions;
mod place;
mod scim;
#[cfg(unix)]
mod sealers;
mod sessions;
mod settings;
mod signals;
mod talkative;
mod tokens;
mod transfer;
#[cfg(unix)]
mod waiting;
#[cfg(unix)]
mod webhooks;
mod welcome;
mod which_database;
