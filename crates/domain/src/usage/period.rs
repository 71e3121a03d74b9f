//! Which part of the past is asked for.

use chrono::{DateTime, Days, NaiveDate};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::shape::UsageSpan;
use crate::clock::UnixSeconds;
use crate::error::DomainError;

/// The fewest days that can be asked for.
pub const MIN_DAYS: i64 = 7;
/// The most.
pub const MAX_DAYS: i64 = 732;

const USUAL_DAYS: i64 = 730;
const DAY: i64 = 86_400;
/// 2020-01-01: no day before it is listed (rule N13).
const FIRST_LISTED: UnixSeconds = 1_577_836_800;

/// What was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UsageRequest {
    /// How many days up to the end, [`MIN_DAYS`] to [`MAX_DAYS`]; 730 where nothing is said.
    pub days: Option<i64>,
    /// The first second; counts more than `days`.
    pub start_date: Option<UnixSeconds>,
    /// The last second; now, where it is absent or 0.
    pub end_date: Option<UnixSeconds>,
}

/// From when to when messages count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsagePeriod {
    /// The first second.
    pub start: UnixSeconds,
    /// The last second.
    pub end: UnixSeconds,
    /// The last second whose day is listed.
    listed_end: UnixSeconds,
}

impl UsagePeriod {
    /// The period that is meant.
    ///
    /// # Errors
    /// [`DomainError::InvalidRange`] where it would end before it begins.
    pub fn new(asked: UsageRequest, now: UnixSeconds) -> Result<Self, DomainError> {
        let end = asked.end_date.filter(|end| *end != 0).unwrap_or(now);
        let days = asked.days.unwrap_or(USUAL_DAYS);
        let start = asked.start_date.unwrap_or_else(|| end.saturating_sub((days - 1).saturating_mul(DAY)));
        if start > end {
            return Err(DomainError::InvalidRange);
        }
        Ok(Self { start, end, listed_end: end.min(now.saturating_add(DAY)) })
    }

    /// What is told of it.
    #[must_use]
    pub fn span(&self) -> UsageSpan {
        let days = self.end.saturating_sub(self.start).div_euclid(DAY).saturating_add(1);
        UsageSpan { start_date: self.start, end_date: self.end, days }
    }

    /// Every day of it that is listed whether or not anything happened on it, oldest first. Never more than those from
    /// 2020-01-01 to tomorrow (rule N13).
    pub(super) fn days(&self, zone: &TimeZone) -> impl Iterator<Item = NaiveDate> + use<> {
        let first = date_of(self.start.max(FIRST_LISTED), zone);
        let last = if self.end < FIRST_LISTED { None } else { date_of(self.listed_end, zone) };
        let end = first.and(last);
        std::iter::successors(first, |day| day.checked_add_days(Days::new(1)))
            .take_while(move |day| end.is_some_and(|end| *day <= end))
    }
}

/// The day of this second; `None` beyond what a calendar holds.
pub(super) fn date_of(second: UnixSeconds, zone: &TimeZone) -> Option<NaiveDate> {
    let offset = zone.to_offset(Timestamp::from_second(second).ok()?).seconds();
    let here = DateTime::from_timestamp(second.checked_add(i64::from(offset))?, 0)?;
    Some(here.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_700_000_000;

    fn period(days: Option<i64>, start: Option<i64>, end: Option<i64>) -> UsagePeriod {
        UsagePeriod::new(UsageRequest { days, start_date: start, end_date: end }, NOW).unwrap()
    }

    fn listed(period: &UsagePeriod) -> (usize, String, String) {
        let days: Vec<_> = period.days(&TimeZone::UTC).collect();
        let text = |day: Option<&NaiveDate>| day.map(ToString::to_string).unwrap_or_default();
        (days.len(), text(days.first()), text(days.last()))
    }

    #[test]
    fn n13_without_anything_said_it_is_730_days_up_to_now() {
        let usual = period(None, None, None);
        assert_eq!(usual.span(), UsageSpan { start_date: NOW - 729 * DAY, end_date: NOW, days: 730 });
        assert_eq!(period(None, None, Some(0)), usual);
        assert_eq!(period(Some(7), None, Some(NOW)).span().days, 7);
        assert_eq!(
            period(Some(30), Some(NOW - 1), None).span(),
            UsageSpan { start_date: NOW - 1, end_date: NOW, days: 1 }
        );
    }

    #[test]
    fn n13_it_cannot_end_before_it_begins() {
        let asked = UsageRequest { start_date: Some(NOW + 1), ..UsageRequest::default() };
        assert_eq!(UsagePeriod::new(asked, NOW), Err(DomainError::InvalidRange));
    }

    #[test]
    fn n13_the_calendar_begins_in_2020_and_ends_tomorrow() {
        let far = period(None, Some(i64::MIN), Some(i64::MAX));
        assert_eq!(listed(&far), (1_415, "2020-01-01".to_owned(), "2023-11-15".to_owned()));
        assert_eq!(far.span().days, i64::MAX / DAY + 1);
        assert_eq!(listed(&period(None, Some(0), Some(1_000))).0, 0);
        assert_eq!(listed(&period(None, Some(NOW + 10 * DAY), Some(NOW + 11 * DAY))).0, 0);
        assert_eq!(listed(&period(None, Some(NOW), Some(NOW))).0, 1);
    }

    #[test]
    fn n13_days_are_those_of_the_zone() {
        let new_york = super::super::zone(Some("America/New_York"));
        assert_eq!(date_of(1_699_937_999, &new_york).unwrap().to_string(), "2023-11-13");
        assert_eq!(date_of(1_699_938_001, &new_york).unwrap().to_string(), "2023-11-14");
        for unknown in [Some("Mars/Base"), Some("america/new_york"), Some(""), None] {
            assert_eq!(super::super::zone(unknown), TimeZone::UTC, "{unknown:?}");
        }
        assert_eq!(date_of(i64::MAX, &TimeZone::UTC), None);
    }
}
