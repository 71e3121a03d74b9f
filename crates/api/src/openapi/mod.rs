//! The OpenAPI document. It is generated from the URL table in [`crate::routes`] and the types of its handlers, and kept
//! as `docs/openapi.json`. The program serves that file, at `/api/v1/openapi.json`, and shows it at `/docs`.
//!
//! What generates it is behind the feature `openapi`, so that the program does not carry it. A test compares the file with
//! what is generated.

#[cfg(feature = "openapi")]
mod document;
#[cfg(feature = "openapi")]
mod examples;
#[cfg(feature = "openapi")]
mod finish;

#[cfg(feature = "openapi")]
pub use document::{document, text};

use crate::compressed::Compressed;

/// `docs/openapi.json` as it is served.
pub(crate) static SERVED: Compressed =
    Compressed::new("application/json", include_bytes!(concat!(env!("OUT_DIR"), "/openapi.json.gz")));
