//! Lists: what is searched for, in which order, and which part of it (rules L1 and L2).

mod cursor;
mod order;
mod page;
mod query;
mod search;

pub use cursor::{Cursor, CursorKey};
pub use order::{Direction, Order, OrderBy};
pub use page::{Listed, UserPage};
pub use query::{AccountStatus, ListQuery, MAX_LIMIT, PAGE_SIZE, UserFilter, Window};
pub use search::SearchText;

pub use crate::unicode::{fold, fold_onto};
