//! Moments as SCIM writes them: `2026-11-27T11:31:00Z` (RFC 7643, 2.3.5).

use std::fmt;

const DAY: i64 = 86_400;

/// The days from 0000-03-01 to 1970-01-01, in the calendar that goes on before 1582 as after it.
const EPOCH: i64 = 719_468;

/// The days of 400 years.
const ERA: i64 = 146_097;

/// A moment between the years 0000 and 9999, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime {
    seconds: i64,
    nanoseconds: u32,
}

impl DateTime {
    /// The moment so many seconds after the beginning of 1970. What the four digits of a year cannot tell becomes the nearest
    /// moment that they can.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Self {
        let first = days_before(0, 1, 1) * DAY;
        let end = days_before(10_000, 1, 1) * DAY;
        Self { seconds: seconds.clamp(first, end - 1), nanoseconds: 0 }
    }

    /// Whole seconds since the beginning of 1970; what is beyond a second is cut.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// What is beyond the second: 0 to 999,999,999 nanoseconds.
    #[must_use]
    pub fn nanoseconds(self) -> u32 {
        self.nanoseconds
    }

    /// Reads `YYYY-MM-DDThh:mm:ss`, then a fraction if there is one, then `Z` or an offset as `+01:00`. Without an offset, which
    /// the schema would allow, it is UTC. `None` where it is no date of the calendar. A leap second counts as the next second.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let rest = rest.strip_prefix(['T', 't'])?;
        let (time, rest) = rest.split_at_checked(8)?;
        let [year, month, day] = three_numbers(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = three_numbers(time, ':', [2, 2, 2])?;
        let of_date = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
        if !of_date || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (nanoseconds, zone) = fraction(rest)?;
        let seconds =
            days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset(zone)?;
        let whole = Self::from_seconds(seconds);
        (whole.seconds == seconds).then_some(Self { nanoseconds, ..whole })
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, of_day) = (self.seconds.div_euclid(DAY), self.seconds.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if self.nanoseconds > 0 {
            write!(f, ".{}", format!("{:09}", self.nanoseconds).trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

/// Three numbers of so many digits each, with the mark between them.
fn three_numbers(text: &str, mark: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(mark);
    let mut numbers = [0; 3];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        *number = number_of(parts.next()?, digits)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// A number of exactly so many digits.
fn number_of(text: &str, digits: usize) -> Option<i64> {
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if right { text.parse().ok() } else { None }
}

/// The nanoseconds of a fraction such as `.25`, and what comes after it. More than nine digits are cut.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, zone) = rest.split_at(end);
    if digits.is_empty() {
        return None;
    }
    let nine: String = digits.chars().chain(std::iter::repeat('0')).take(9).collect();
    Some((nine.parse().ok()?, zone))
}

/// By how many seconds the time of a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z" | "z") {
        return Some(0);
    }
    let (sign, time) = match zone.strip_prefix('+') {
        Some(time) => (1, time),
        None => (-1, zone.strip_prefix('-')?),
    };
    let (hours, minutes) = time.split_once(':')?;
    let (hours, minutes) = (number_of(hours, 2)?, number_of(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The days from 1970-01-01 to a date. Years are taken to begin in March, so that the leap day is the last of its year.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let months = (month + 9) % 12;
    era * ERA + of_era * 365 + of_era / 4 - of_era / 100 + (153 * months + 2) / 5 + day - 1 - EPOCH
}

/// The date so many days after 1970-01-01: year, month, day.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let (era, of_era) = (days.div_euclid(ERA), days.rem_euclid(ERA));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let months = (5 * of_year + 2) / 153;
    let day = of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        DateTime::parse(text).map(DateTime::seconds)
    }

    #[test]
    fn known_moments() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2000-02-29T12:00:00Z"), Some(951_825_600));
        assert_eq!(seconds("2026-11-27T11:31:00Z"), Some(1_795_779_060));
        assert_eq!(seconds("2026-11-27T12:31:00+01:00"), Some(1_795_779_060));
        assert_eq!(seconds("2026-11-27T06:01:00-05:30"), Some(1_795_779_060));
        assert_eq!(seconds("2026-11-27t11:31:00z"), Some(1_795_779_060));
        assert_eq!(seconds("2026-11-27T11:31:00"), Some(1_795_779_060), "the schema allows no offset");
        assert_eq!(DateTime::from_seconds(1_795_779_060).to_string(), "2026-11-27T11:31:00Z");
    }

    #[test]
    fn fractions_count() {
        let quarter = DateTime::parse("2026-11-27T11:31:00.25Z").unwrap();
        assert_eq!(quarter.nanoseconds(), 250_000_000);
        assert_eq!(quarter.to_string(), "2026-11-27T11:31:00.25Z");
        assert!(quarter > DateTime::parse("2026-11-27T11:31:00Z").unwrap());
        assert_eq!(DateTime::parse("2026-11-27T11:31:00.2500000009Z"), Some(quarter));
    }

    #[test]
    fn what_is_no_moment() {
        for text in [
            "",
            "2026-11-27",
            "2026-11-27 11:31:00Z",
            "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-11-00T00:00:00Z",
            "2026-11-27T24:00:00Z",
            "2026-11-27T11:60:00Z",
            "2026-11-27T11:31:61Z",
            "2026-11-27T11:31:00.Z",
            "2026-11-27T11:31:00+1:00",
            "2026-11-27T11:31:00+24:00",
            "2026-11-27T11:31:00Zulu",
            "+026-11-27T11:31:00Z",
            "2026-11-27T11:31:0\u{663}Z",
            "0000-01-01T00:00:00+01:00",
        ] {
            assert_eq!(DateTime::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_four_digits_cannot_tell_is_cut() {
        assert_eq!(DateTime::from_seconds(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(DateTime::from_seconds(i64::MIN).to_string(), "0000-01-01T00:00:00Z");
    }

    proptest! {
        #[test]
        fn a_moment_survives_the_journey(seconds in -62_167_219_200_i64..253_402_300_800) {
            let moment = DateTime::from_seconds(seconds);
            prop_assert_eq!(moment.seconds(), seconds);
            prop_assert_eq!(DateTime::parse(&moment.to_string()), Some(moment));
        }

        #[test]
        fn later_texts_are_later(a in 0_i64..253_402_300_800, b in 0_i64..253_402_300_800) {
            let (a, b) = (DateTime::from_seconds(a), DateTime::from_seconds(b));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = DateTime::parse(&text);
        }
    }
}
