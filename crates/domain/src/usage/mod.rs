//! What somebody used chats for, counted from the rows of their messages (docs/API.md, "Usage").
//!
//! The rows are handed over one by one and never kept, so an account with millions of messages needs no more memory than
//! its days and chats do. [`UsagePeriod`] says which rows count, [`UsageCount`] counts them, [`Usage`] is what is shown.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};

mod count;
mod days;
mod numbers;
mod period;
mod shape;
mod tools;

pub use count::{MessageRow, UsageCount};
pub use period::{MAX_DAYS, MIN_DAYS, UsagePeriod, UsageRequest};
pub use shape::{Usage, UsageDay, UsageInsights, UsageModel, UsageSpan, UsageTool, UsageTotals};

/// The time zone of this IANA name, as it is spelled there; UTC where it is none.
#[must_use]
pub fn zone(name: Option<&str>) -> TimeZone {
    /// The zones that are built in, parsed once each.
    static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
    let spelled = |name| ZONES.get(name).ok().filter(|zone| zone.iana_name() == Some(name));
    name.and_then(spelled).unwrap_or(TimeZone::UTC)
}
