//! The OpenAPI document against what the server really does.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at what it did not expect")]

mod document;
mod examples;
mod page;
mod recordings;
mod spec;
