//! What somebody used chats for, counted from the rows of their messages (docs/API.md, "Usage").
//!
//! The rows are handed over one by one and never kept, so an account with millions of messages needs no more memory than
//! its days and chats do. [`UsagePeriod`] says which rows count, [`UsageCount`] counts them, [`Usage`] is what is shown.

mod count;
mod days;
mod numbers;
mod period;
mod shape;
mod tools;

pub use count::{MessageRow, UsageCount};
pub use period::{MAX_DAYS, MIN_DAYS, UsagePeriod, UsageRequest};
pub use shape::{Usage, UsageDay, UsageInsights, UsageModel, UsageSpan, UsageTool, UsageTotals};

/// The time zone of this name; UTC where it is none.
#[must_use]
pub fn zone(name: Option<&str>) -> chrono_tz::Tz {
    name.and_then(|name| name.parse().ok()).unwrap_or(chrono_tz::UTC)
}
