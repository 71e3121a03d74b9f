//! The contract of rosterd-storage, each test on every kind of database it holds for: own and attached, SQLite and
//! PostgreSQL. Rules are named by their ids in docs/RULES.md.

#![expect(clippy::unwrap_used, reason = "a test stops where it cannot go on")]

mod accounts;
mod adopting;
mod attempts;
mod callers;
mod chats;
mod closing;
mod codes;
mod configs;
mod deadlines;
mod deletions;
mod events;
mod fairness;
#[cfg(unix)]
mod files;
mod group_tree;
mod groups;
mod health;
#[cfg(target_os = "linux")]
mod hold;
mod leases;
mod links;
mod lists;
mod mails;
mod members_first;
mod migrating;
mod migrations;
mod narrowed;
mod newest;
mod odd;
mod one_pass;
mod opening;
mod plans;
mod pooler;
mod schemas;
mod scim_connections;
mod scim_groups;
mod scim_users;
mod searched;
mod sessions;
mod setup_tokens;
mod sign_ins;
mod statements;
mod streaming;
mod support;
mod surroundings;
mod suspensions;
mod transfers;
mod unconfirmed;
mod users;
mod webhooks;
mod writing;
