//! The users that a connection sees.
