//! JSON that is carried, not understood (decision D5).
//!
//! Settings, info and the like belong to the front ends; here they are text. [`JsonText`] is a whole value as a
//! column holds it, [`JsonObject`] an object of which only the top level is taken apart, for merging. What is not
//! touched keeps its key order, its spacing and the exact text of its numbers.

mod object;
mod repair;
mod text;

pub use object::JsonObject;
pub use text::JsonText;
