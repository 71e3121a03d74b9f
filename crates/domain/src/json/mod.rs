//! JSON that stays text.
//!
//! Settings, info and similar values belong to the front ends; here they are text. [`JsonText`] is a whole value as
//! a column has it. [`JsonObject`] is an object of which only the top level is split, for merging. Everything else
//! keeps the order of its keys, its spacing and the exact text of its numbers. Stored text is read leniently, see
//! [`lenient`].

pub mod lenient;
mod object;
mod same;
mod text;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error};
use serde_json::value::RawValue;

pub use object::JsonObject;
pub use same::{is_same, is_same_text};
pub use text::{JsonText, Unreadable};

/// Reads one JSON object as two types, each of which takes its own keys: what `flatten` does, for types that carry
/// JSON as text.
pub(crate) fn read_twice<'de, D, A, B>(deserializer: D) -> Result<(A, B), D::Error>
where
    D: Deserializer<'de>,
    A: DeserializeOwned,
    B: DeserializeOwned,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let one = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
    let other = serde_json::from_str(raw.get()).map_err(D::Error::custom)?;
    Ok((one, other))
}

/// Reads a key that is there as `Some`, `null` included: serde calls this for no other.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
