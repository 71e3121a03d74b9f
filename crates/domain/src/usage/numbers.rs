//! Numbers of stored JSON, and those that are shown.

use serde_json::Value;

/// What went into an answer and what came out of it, from the `usage` that a provider reported. Providers use one of two
/// pairs of names; the first one that is there and not null counts.
pub(super) fn tokens(usage: &Value) -> (i64, i64) {
    (first(usage, "input_tokens", "prompt_tokens"), first(usage, "output_tokens", "completion_tokens"))
}

fn first(usage: &Value, name: &str, older: &str) -> i64 {
    let value = usage.get(name).filter(|value| !value.is_null()).or_else(|| usage.get(older));
    value.map_or(0, whole)
}

/// An integer as it is, a fraction cut, anything else 0.
#[expect(clippy::cast_possible_truncation, reason = "a float casts to the nearest end of the range")]
fn whole(value: &Value) -> i64 {
    value.as_i64().or_else(|| value.as_f64().map(|number| number as i64)).unwrap_or_default()
}

/// Seconds of a stored time, which newer front ends may keep in milliseconds.
pub(super) fn seconds(time: i64) -> i64 {
    const BEYOND_SECONDS: i64 = 10_000_000_000;
    if time > BEYOND_SECONDS { time / 1_000 } else { time }
}

/// A quotient with one decimal, 0 where there is nothing to divide by.
#[expect(clippy::cast_precision_loss, reason = "counts beyond 2^53 are shown to one decimal anyway")]
pub(super) fn quotient(dividend: i64, divisor: i64) -> f64 {
    if divisor == 0 { 0.0 } else { one_decimal(dividend as f64 / divisor as f64) }
}

/// As [`quotient`], in percent.
#[expect(clippy::cast_precision_loss, reason = "as above")]
pub(super) fn percent(part: i64, whole: i64) -> f64 {
    if whole == 0 { 0.0 } else { one_decimal(part as f64 / whole as f64 * 100.0) }
}

/// As printing rounds it: the nearest to what the double really is.
fn one_decimal(number: f64) -> f64 {
    format!("{number:.1}").parse().unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_pair_of_names_counts_where_it_is_there() {
        for (usage, counted) in [
            (json!({"input_tokens": 10, "output_tokens": 20}), (10, 20)),
            (json!({"prompt_tokens": 3, "completion_tokens": 4, "input_tokens": 5}), (5, 4)),
            (json!({"input_tokens": null, "prompt_tokens": 7}), (7, 0)),
            (json!({"input_tokens": 0, "prompt_tokens": 7}), (0, 0)),
            (json!({"input_tokens": 1.9, "output_tokens": -1.9}), (1, -1)),
            (json!({"input_tokens": "5", "output_tokens": true}), (0, 0)),
            (json!({"input_tokens": [1], "output_tokens": 1e300}), (0, i64::MAX)),
            (json!({}), (0, 0)),
            (json!(null), (0, 0)),
            (json!([1]), (0, 0)),
            (json!("x"), (0, 0)),
        ] {
            assert_eq!(tokens(&usage), counted, "{usage}");
        }
    }

    #[test]
    fn milliseconds_are_told_by_their_size() {
        assert_eq!(seconds(1_700_092_800_000), 1_700_092_800);
        assert_eq!(seconds(10_000_000_000), 10_000_000_000);
        assert_eq!(seconds(-5), -5);
    }

    #[test]
    fn one_decimal_is_shown_as_printing_rounds() {
        assert_eq!((quotient(1053, 2), quotient(11, 3), quotient(1, 0)), (526.5, 3.7, 0.0));
        assert_eq!((percent(4, 11), percent(6, 11), percent(1, 0)), (36.4, 54.5, 0.0));
        // 0.25 is halfway and goes to the even digit; 0.35 lies a little below halfway.
        assert_eq!((quotient(1, 4), quotient(7, 20)), (0.2, 0.3));
    }
}
