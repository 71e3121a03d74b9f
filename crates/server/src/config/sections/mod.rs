//! One file a section of the configuration: its settings as constants, its typed struct, and how it is read.

pub(super) mod activity;
pub(super) mod audit;
pub(super) mod backups;
pub(super) mod cookies;
pub(super) mod database;
pub(super) mod deleted;
pub(super) mod features;
pub(super) mod groups;
pub(super) mod headers;
pub(super) mod images;
pub(super) mod limits;
pub(super) mod logging;
pub(super) mod mail;
pub(super) mod metrics;
pub(super) mod passwords;
pub(super) mod permissions;
pub(super) mod server;
pub(super) mod stored;
pub(super) mod tokens;
pub(super) mod trusted_headers;
pub(super) mod webhooks;
