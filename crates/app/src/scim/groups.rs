//! The groups that a connection sees.
