//! Text to value, for every kind of setting. A parser says in one sentence what is wrong; who calls it adds which
//! setting and where it came from.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use actix_web::http::header::HeaderName;
use rosterd_domain::rules::duration::{self, TokenLife};

/// What a parser gives: the value, or what is wrong with the text.
pub(crate) type Parsed<T> = Result<T, String>;

/// Any text, as it stands.
#[expect(clippy::unnecessary_wraps, reason = "a parser like the others")]
pub(super) fn text(text: &str) -> Parsed<String> {
    Ok(text.to_owned())
}

/// `true`, `yes`, `1` or `false`, `no`, `0`, in any case.
pub(super) fn switch(text: &str) -> Parsed<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Ok(true),
        "false" | "no" | "0" => Ok(false),
        _ => Err(format!("`{text}` is neither true nor false")),
    }
}

/// A whole number within `range`.
pub(super) fn number<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Parsed<T>
where
    T: FromStr + PartialOrd + Display,
{
    move |text| {
        text.trim().parse::<T>().ok().filter(|number| range.contains(number)).ok_or_else(|| {
            format!("`{text}` is not a whole number from {} to {}", range.start(), range.end())
        })
    }
}

/// A span of time as [`duration::parse`] reads it. White space may stand before a unit; a number without one counts
/// seconds.
pub(super) fn duration(text: &str) -> Parsed<Duration> {
    let mut joined = String::new();
    for word in text.split_whitespace() {
        if !joined.is_empty() && !word.starts_with(|c: char| c.is_ascii_alphabetic()) {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    let seconds = joined.parse::<u64>().ok().map(Duration::from_secs);
    seconds
        .or_else(|| duration::parse(&joined))
        .ok_or_else(|| format!("`{text}` is not a duration such as 250ms, 5s, 1h30m or 2d"))
}

/// A duration that is longer than nothing.
pub(crate) fn positive_duration(text: &str) -> Parsed<Duration> {
    match duration(text)? {
        Duration::ZERO => Err(format!("`{text}` must be longer than 0")),
        span => Ok(span),
    }
}

/// A number of bytes within `range`: bare, or with `KiB` or `MiB`.
pub(super) fn bytes(range: RangeInclusive<usize>) -> impl Fn(&str) -> Parsed<usize> {
    move |text| {
        let trimmed = text.trim();
        let (digits, unit) = [("MiB", 1 << 20), ("KiB", 1 << 10)]
            .into_iter()
            .find_map(|(suffix, unit)| Some((trimmed.strip_suffix(suffix)?, unit)))
            .unwrap_or((trimmed, 1_usize));
        digits
            .trim_end()
            .parse::<usize>()
            .ok()
            .and_then(|count| count.checked_mul(unit))
            .filter(|count| range.contains(count))
            .ok_or_else(|| {
                format!(
                    "`{text}` is not a number of bytes (also as KiB or MiB) from {} to {}",
                    range.start(),
                    range.end()
                )
            })
    }
}

/// As [`bytes`], up to what a list can be asked to show; 0 is no bound at all.
pub(super) fn bytes_or_all(text: &str) -> Parsed<Option<i32>> {
    let bytes = bytes(0..=256 << 20)(text)?;
    Ok(i32::try_from(bytes).ok().filter(|bytes| *bytes > 0))
}

/// One of `choices`, in any case, for the value beside it.
pub(super) fn choice<T: Copy>(choices: &[(&str, T)], text: &str) -> Parsed<T> {
    choices
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text.trim()))
        .map(|(_, value)| *value)
        .ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            format!("`{text}` is none of {}", words.join(", "))
        })
}

/// Words separated by commas; empty ones are skipped.
pub(super) fn list<T>(text: &str, item: impl Fn(&str) -> Parsed<T>) -> Parsed<Vec<T>> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(item).collect()
}

/// A JSON array.
pub(super) fn json_array(text: &str) -> Parsed<serde_json::Value> {
    match serde_json::from_str(text) {
        Ok(value @ serde_json::Value::Array(_)) => Ok(value),
        Ok(_) => Err("is JSON, but not an array".to_owned()),
        Err(error) => Err(format!("is not JSON: {error}")),
    }
}

/// A JSON object.
pub(super) fn json_object(text: &str) -> Parsed<serde_json::Value> {
    match serde_json::from_str(text) {
        Ok(value @ serde_json::Value::Object(_)) => Ok(value),
        Ok(_) => Err("is JSON, but not an object".to_owned()),
        Err(error) => Err(format!("is not JSON: {error}")),
    }
}

/// The life of a token: `-1`, or a duration with units up to weeks.
pub(crate) fn token_life(text: &str) -> Parsed<TokenLife> {
    TokenLife::parse(text)
        .map_err(|_why| format!("`{text}` is neither -1 nor a duration such as 30m, 1h30m or 4w"))
}

/// The name of an HTTP header, in lower case.
pub(super) fn header_name(text: &str) -> Parsed<String> {
    HeaderName::from_str(text.trim())
        .map(|name| name.as_str().to_owned())
        .map_err(|error| format!("`{text}` cannot be the name of a header ({error})"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn switches_are_read_as_open_webui_reads_them_and_anything_else_is_refused() {
        for yes in ["true", "True", "TRUE", "1", "yes", " true "] {
            assert_eq!(switch(yes), Ok(true), "{yes}");
        }
        for no in ["false", "False", "0", "No"] {
            assert_eq!(switch(no), Ok(false), "{no}");
        }
        for wrong in ["", "on", "2", "truee"] {
            assert!(switch(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn durations_and_sizes_have_units() {
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("5"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("3 m"), Ok(Duration::from_mins(3)));
        assert_eq!(duration(" 1h30m"), Ok(Duration::from_mins(90)));
        assert_eq!(duration("1 d 1.5 s"), Ok(Duration::from_millis(86_401_500)));
        for wrong in ["", "s", "5 weeks", "-1s", "1. 5s", "5 5", "5 5s", "18446744073709551615h", "5µs"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
        assert!(positive_duration("0ms").is_err());
        assert_eq!(bytes(1..=usize::MAX)("1536KiB"), Ok(1_572_864));
        for wrong in ["0", "", "KiB", "1.5MiB", "99999999999999999999"] {
            assert!(bytes(1..=usize::MAX)(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_list_skips_the_empty_places() {
        assert_eq!(list(" a, ,b,", text), Ok(vec!["a".to_owned(), "b".to_owned()]));
        assert!(list("1,x", number(0..=9)).is_err_and(|problem| problem.contains('x')));
    }

    proptest! {
        #[test]
        fn no_text_makes_a_parser_panic(text in ".{0,24}") {
            let _ = (switch(&text), duration(&text), bytes(0..=9)(&text), number(0..=9_u8)(&text));
            let _ = (json_array(&text), header_name(&text), choice(&[("a", 1)], &text), list(&text, switch));
        }

        #[test]
        fn every_number_of_milliseconds_comes_back(count in 0_u64..=u64::MAX / 1000) {
            prop_assert_eq!(duration(&format!("{count}ms")), Ok(Duration::from_millis(count)));
            prop_assert_eq!(duration(&format!("{count}s")), Ok(Duration::from_secs(count)));
        }

        #[test]
        fn a_number_outside_its_range_is_refused(number_given in 0_u32..1000) {
            prop_assert_eq!(number(100..=200_u32)(&number_given.to_string()).is_ok(), (100..=200).contains(&number_given));
        }
    }
}
