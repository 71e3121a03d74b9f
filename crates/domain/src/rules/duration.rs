//! Durations as `Open WebUI` writes them in its configuration, such as `4w`, `30m` or `1h30m`, and the life of a
//! token, which may also be `-1`.

use std::time::Duration;

use crate::clock::UnixSeconds;
use crate::error::DomainError;

/// The life of a session token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenLife {
    /// It never ends.
    Never,
    /// It ends this many seconds after it was made; at least 1.
    Seconds(i64),
}

/// Milliseconds a unit has; `ms` comes before `m` and `s`, of which it is made up.
const UNITS: [(&str, u64); 6] =
    [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 604_800_000)];

/// Digits after the point that count; a thousandth of a millisecond and less is nothing to anybody.
const FRACTION_DIGITS: usize = 6;

impl TokenLife {
    /// Reads a life: `-1` or `0` for never, else a span of time as [`parse`] reads it, rounded up to whole seconds.
    ///
    /// # Errors
    /// [`DomainError::Field`] with an empty path, as the caller knows which setting it was, for any other text, for a
    /// life of nothing (`0s`), and for one of more than 2^53 seconds.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let text = text.trim();
        if text == "-1" || text == "0" {
            return Ok(Self::Never);
        }
        let seconds = milliseconds(text).and_then(|sum| i64::try_from(sum.div_ceil(1_000)).ok());
        match seconds {
            Some(seconds) if (1..=1 << 53).contains(&seconds) => Ok(Self::Seconds(seconds)),
            _ => Err(DomainError::Field {
                path: Vec::new(),
                message: "must be -1 or a duration such as 30m, 1h30m or 4w".to_owned(),
            }),
        }
    }

    /// When a token made at `now` ends; `None`: never.
    #[must_use]
    pub fn expires_at(self, now: UnixSeconds) -> Option<UnixSeconds> {
        match self {
            Self::Never => None,
            Self::Seconds(seconds) => Some(now.saturating_add(seconds)),
        }
    }
}

/// Reads a span of time: one or more numbers, each with a unit (`ms`, `s`, `m`, `h`, `d`, `w`) and possibly a decimal
/// point, which add up. White space between them is ignored. `None` for any other text and for what is too long to be
/// counted in milliseconds.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    milliseconds(text.trim()).map(Duration::from_millis)
}

/// The sum of all parts, rounded up part by part; `None` when the text is anything but such parts.
fn milliseconds(text: &str) -> Option<u64> {
    let mut sum: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let (whole, after) = split_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => split_digits(after),
            None => ("0", after),
        };
        let (unit, after) = UNITS.iter().find_map(|(name, unit)| Some((unit, after.strip_prefix(name)?)))?;
        sum = sum.checked_add(part(whole, fraction, *unit)?)?;
        rest = after.trim_start();
    }
    (!text.is_empty()).then_some(sum)
}

fn part(whole: &str, fraction: &str, unit: u64) -> Option<u64> {
    if fraction.is_empty() {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(FRACTION_DIGITS)];
    let scale = 10_u64.pow(u32::try_from(fraction.len()).ok()?);
    let whole = whole.parse::<u64>().ok()?.checked_mul(unit)?;
    let fraction = fraction.parse::<u64>().ok()?.checked_mul(unit)?.div_ceil(scale);
    whole.checked_add(fraction)
}

/// Whether a life of a token is written as the newest front end of Open WebUI knows it: `-1`, `0`, or one number with one
/// unit (rule M25).
#[must_use]
pub fn is_one_span(text: &str) -> bool {
    let (whole, rest) = split_digits(text);
    let (fraction, unit) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("0", rest),
    };
    let is_span = !whole.is_empty() && !fraction.is_empty() && UNITS.iter().any(|(name, _)| *name == unit);
    is_span || text == "-1" || text == "0"
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> i64 {
        match TokenLife::parse(text) {
            Ok(TokenLife::Seconds(seconds)) => seconds,
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn never() {
        for text in ["-1", "0", " -1 "] {
            assert_eq!(TokenLife::parse(text), Ok(TokenLife::Never));
        }
        assert_eq!(TokenLife::Never.expires_at(100), None);
    }

    #[test]
    fn each_unit() {
        for (text, expected) in
            [("1000ms", 1), ("45s", 45), ("30m", 1_800), ("2h", 7_200), ("7d", 604_800), ("4w", 2_419_200)]
        {
            assert_eq!(seconds(text), expected, "{text}");
        }
        assert_eq!(TokenLife::Seconds(5).expires_at(100), Some(105));
        assert_eq!(TokenLife::Seconds(5).expires_at(i64::MAX), Some(i64::MAX));
    }

    #[test]
    fn parts_add_up_and_fractions_count() {
        assert_eq!(seconds("1h30m"), 5_400);
        assert_eq!(seconds("1h 30m 5s"), 5_405);
        assert_eq!(seconds("1.5h"), 5_400);
        assert_eq!(seconds("0.25d"), 21_600);
        assert_eq!(seconds("1m500ms"), 61);
    }

    #[test]
    fn less_than_a_second_is_rounded_up() {
        for text in ["1ms", "0.001s", "500ms", "0.0000001s1ms"] {
            assert_eq!(seconds(text), 1, "{text}");
        }
    }

    #[test]
    fn a_span_is_as_exact_as_a_millisecond() {
        assert_eq!(parse(" 1.5s "), Some(Duration::from_millis(1_500)));
        assert_eq!(parse("1h 250ms"), Some(Duration::from_millis(3_600_250)));
        assert_eq!(parse("0s"), Some(Duration::ZERO));
        for text in ["", "5", "-1", "5 s", "18446744073709551615h"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn m25_one_number_with_one_unit() {
        for text in ["-1", "0", "4w", "1.5h", "250ms", "0s"] {
            assert!(is_one_span(text), "{text}");
        }
        for text in ["", "4", "w", "1h30m", "-4w", "1.h", ".5h", "4 w", " 4w", "-2", "4W", "4w!"] {
            assert!(!is_one_span(text), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            " ",
            "4",
            "w",
            "4 w",
            "4x",
            "4w!",
            "-4w",
            "-2",
            "1h-30m",
            "0s",
            "0w0ms",
            "1.h",
            ".5h",
            "1..5h",
            "1e3s",
            "٤w",
            "99999999999999999999w",
            "9999999999999w",
            "1h30",
            "forever",
        ] {
            assert!(matches!(TokenLife::parse(text), Err(DomainError::Field { .. })), "{text:?}");
        }
    }
}
