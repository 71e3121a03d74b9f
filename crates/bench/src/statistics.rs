//! Whether two samples come from the same distribution.

/// What the Mann-Whitney U test says of two samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MannWhitney {
    /// The share of all pairs in which the value of the first sample is the larger one; half of it for equal values.
    pub(crate) first_is_larger: f64,
    /// How far that is from one half, in standard deviations of what chance makes of two samples of one distribution.
    pub(crate) z: f64,
}

/// Compares the ranks of two samples: sensitive to any shift, and not to single outliers.
pub(crate) fn mann_whitney(first: &[f64], second: &[f64]) -> MannWhitney {
    let mut all: Vec<(f64, bool)> =
        first.iter().map(|value| (*value, true)).chain(second.iter().map(|value| (*value, false))).collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut ranks = 0.0;
    let mut from = 0;
    while let Some((value, _)) = all.get(from) {
        let equal = all[from..].iter().take_while(|(other, _)| other.total_cmp(value).is_eq()).count();
        // Equal values share the mean of their ranks, which begin at 1.
        let rank = count(from) + f64::midpoint(1.0, count(equal));
        ranks += rank * count(all[from..from + equal].iter().filter(|(_, of_first)| *of_first).count());
        from += equal;
    }
    let (n, m) = (count(first.len()), count(second.len()));
    let u = ranks - n * (n + 1.0) / 2.0;
    let deviation = (n * m * (n + m + 1.0) / 12.0).sqrt();
    MannWhitney { first_is_larger: u / (n * m), z: (u - n * m / 2.0) / deviation }
}

/// Welch's t: the difference of the means, in standard deviations of that difference.
pub(crate) fn welch(first: &[f64], second: &[f64]) -> f64 {
    let ((mean, error), (other_mean, other_error)) = (moments(first), moments(second));
    (mean - other_mean) / (error + other_error).sqrt()
}

/// The mean, and the square of its standard error.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = count(values.len());
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / (n - 1.0) / n)
}

#[expect(clippy::cast_precision_loss, reason = "the size of a sample")]
fn count(values: usize) -> f64 {
    values as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers from 0 to 1 that look random, the same each time.
    fn noise(seed: u64, count: usize) -> Vec<f64> {
        let mut state = seed;
        let next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            f64::from(u32::try_from(state >> 32).unwrap_or_default()) / f64::from(u32::MAX)
        };
        std::iter::repeat_with(next).take(count).collect()
    }

    #[test]
    fn what_is_of_one_kind_is_found_alike() {
        let (first, second) = (noise(1, 800), noise(88_172_645_463_325_252, 800));
        let test = mann_whitney(&first, &second);
        assert!(test.z.abs() < 3.0 && (test.first_is_larger - 0.5).abs() < 0.05, "{test:?}");
        assert!(welch(&first, &second).abs() < 3.0);
    }

    #[test]
    fn a_shift_of_a_sixth_of_the_spread_is_found() {
        let first: Vec<f64> = noise(1, 800).into_iter().map(|value| value + 1.0 / 6.0).collect();
        let second = noise(88_172_645_463_325_252, 800);
        assert!(mann_whitney(&first, &second).z > 4.0 && welch(&first, &second) > 4.0);
        assert!(mann_whitney(&second, &first).z < -4.0 && welch(&second, &first) < -4.0);
    }

    #[test]
    fn known_samples_have_known_figures() {
        let test = mann_whitney(&[1.0, 2.0, 2.0], &[2.0, 3.0]);
        // Of six pairs two are equal, and in four the second is larger.
        assert!((test.first_is_larger - 1.0 / 6.0).abs() < 1e-9, "{test:?}");
        assert!((welch(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]) + 1.549_193_338).abs() < 1e-6);
    }
}
