//! Moments as they are typed.

use chrono::{DateTime, NaiveDate, Utc};
use rosterd_domain::clock::{UnixMillis, UnixSeconds};

/// A day, which means its beginning, or a time.
pub(super) fn milli(text: &str) -> Result<UnixMillis, String> {
    moment(text).map(|moment| moment.timestamp_millis())
}

/// The same to the second.
pub(super) fn second(text: &str) -> Result<UnixSeconds, String> {
    moment(text).map(|moment| moment.timestamp())
}

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let whole = DateTime::parse_from_rfc3339(text).map(|time| time.to_utc()).ok();
    whole.or_else(|| day().map(|day| day.and_utc())).ok_or_else(|| {
        format!("`{text}` is no day such as 2026-11-26 and no time such as 2026-11-26T10:00:00Z")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_its_beginning_and_a_time_has_a_zone() {
        assert_eq!(second("1970-01-02"), Ok(86_400));
        assert_eq!(milli("1970-01-01T01:00:00.5+01:00"), Ok(500));
        for wrong in ["tomorrow", "1970-13-01", "1970-01-01T10:00:00", ""] {
            assert!(second(wrong).unwrap_err().contains("is no day such as"), "{wrong}");
        }
    }
}
