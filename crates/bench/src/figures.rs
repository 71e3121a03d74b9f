//! Rounds and what is made of them: medians, because one busy moment of the machine should move nothing.

use serde::Serialize;

/// What one round of load gave.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct Round {
    /// Answers a second, errors included.
    pub(crate) per_second: f64,
    /// Half of the answers came within this. Milliseconds.
    pub(crate) p50_ms: f64,
    /// 99 of 100 answers came within this. Milliseconds.
    pub(crate) p99_ms: f64,
    /// User and system time of the server's process for an answer. Microseconds; absent where the system does not
    /// tell.
    pub(crate) cpu_us: Option<f64>,
    /// Answers other than 2xx and 3xx, and connections that broke.
    pub(crate) errors: u64,
    /// The [pace](crate::machine::pace_ms) of the machine right before. Milliseconds; absent where other work runs then.
    pub(crate) pace_ms: Option<f64>,
}

/// The rounds of one contender.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Series {
    /// Who, doing what.
    pub(crate) label: String,
    /// Connections at the same time.
    pub(crate) connections: usize,
    /// In the order they were run.
    pub(crate) rounds: Vec<Round>,
    /// Most memory the server's process ever held. Megabytes (10^6 bytes).
    pub(crate) peak_mb: Option<f64>,
}

impl Series {
    /// Median of the answers a second.
    pub(crate) fn per_second(&self) -> f64 {
        self.median(|round| Some(round.per_second)).unwrap_or(f64::NAN)
    }

    /// Median of the rounds' p50. Milliseconds.
    pub(crate) fn p50_ms(&self) -> f64 {
        self.median(|round| Some(round.p50_ms)).unwrap_or(f64::NAN)
    }

    /// Median of the rounds' p99. Milliseconds.
    pub(crate) fn p99_ms(&self) -> f64 {
        self.median(|round| Some(round.p99_ms)).unwrap_or(f64::NAN)
    }

    /// Median of the CPU time for an answer. Microseconds.
    pub(crate) fn cpu_us(&self) -> Option<f64> {
        self.median(|round| round.cpu_us)
    }

    /// What an answer costs, to be compared with others of the same server: its CPU time, which a busy machine hardly
    /// moves, else the time between two answers. Microseconds.
    pub(crate) fn cost_us(&self) -> f64 {
        self.cpu_us().unwrap_or_else(|| 1e6 / self.per_second())
    }

    /// Errors of all rounds.
    pub(crate) fn errors(&self) -> u64 {
        self.rounds.iter().map(|round| round.errors).sum()
    }

    fn median(&self, figure: impl Fn(&Round) -> Option<f64>) -> Option<f64> {
        median(self.rounds.iter().filter_map(figure))
    }
}

/// The middle value, or the mean of the two in the middle; `None` of nothing.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    if values.len() % 2 == 1 { Some(upper) } else { Some(f64::midpoint(values[middle - 1], upper)) }
}

/// The median between the medians of the lower and of the upper half; `None` of nothing.
pub(crate) fn quartiles(values: impl IntoIterator<Item = f64>) -> Option<[f64; 3]> {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    let half = values.len().div_ceil(2);
    let (lower, upper) = (values[..half].to_vec(), values[values.len() - half..].to_vec());
    Some([median(lower)?, median(values)?, median(upper)?])
}

/// The value below which `share` of the sorted values lie; 0 of nothing.
pub(crate) fn percentile(sorted: &[u32], share: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list"
    )]
    let place = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(place.saturating_sub(1)).or(sorted.last()).copied().unwrap_or(0)
}

/// A figure with as many places as it deserves.
pub(crate) fn short(figure: f64) -> String {
    let places = match figure.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{figure:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_ignores_one_outlier() {
        assert_eq!(median([3.0, 900.0, 1.0]), Some(3.0));
        assert_eq!(median([4.0, 2.0]), Some(3.0));
        assert_eq!(median([]), None);
    }

    #[test]
    fn the_middle_half_lies_between_the_quartiles() {
        assert_eq!(quartiles([5.0, 1.0, 2.0, 3.0, 4.0]), Some([2.0, 3.0, 4.0]));
        assert_eq!(quartiles([7.0]), Some([7.0; 3]));
        assert_eq!(quartiles([]), None);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let values: Vec<u32> = (1..=200).collect();
        assert_eq!(percentile(&values, 0.5), 100);
        assert_eq!(percentile(&values, 0.99), 198);
        assert_eq!(percentile(&[7], 0.99), 7);
        assert_eq!(percentile(&[], 0.5), 0);
    }
}
