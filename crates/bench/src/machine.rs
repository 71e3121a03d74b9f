//! What was measured on, and how fast it was meanwhile.

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use serde_json::{Value, json};

use crate::figures::median;

/// One line: processor, cores, memory, kernel.
pub(crate) fn describe() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.split_ascii_whitespace().next()?.parse::<u64>().ok())
        .map(|kibibytes| format!(", {} GB", kibibytes / 1_000_000))
        .unwrap_or_default();
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores of {processor}{memory}, {} {}", std::env::consts::OS, kernel.trim())
}

/// The value behind `name:` in a file of such lines.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

/// How often [`pace_ms`] does its work: the quickest counts, since the system may interrupt one.
const TIMES: usize = 3;

/// How long this machine takes for a piece of work that is always the same: to read and write JSON. Milliseconds. Taken
/// on one core while no load runs, it tells what others on the machine take away then, which makes CPU times longer. What
/// they take away only while all cores are busy, it does not see.
pub(crate) fn pace_ms() -> f64 {
    let entries: Vec<Value> = (0..200)
        .map(|number| json!({ "id": number, "name": format!("name {number}"), "on": true }))
        .collect();
    let text = Value::from(entries).to_string();
    let once = || {
        let begun = Instant::now();
        for _ in 0..20 {
            let read: Result<Value, _> = serde_json::from_str(black_box(&text));
            black_box(read.map(|value| value.to_string()).ok());
        }
        begun.elapsed().as_secs_f64() * 1e3
    };
    (0..TIMES).map(|_| once()).fold(f64::INFINITY, f64::min)
}

/// A sentence about the paces of a table's rounds; `None` where none was taken.
pub(crate) fn describe_paces(paces: &[f64]) -> Option<String> {
    let middle = median(paces.iter().copied())?;
    let best = paces.iter().copied().fold(f64::INFINITY, f64::min);
    let worst = paces.iter().copied().fold(0.0, f64::max);
    Some(format!("Pace of the machine: {middle:.1} ms ({best:.1} to {worst:.1})."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_takes_a_time_that_can_be_told_apart() {
        let pace = pace_ms();
        assert!(pace.is_finite() && pace > 0.01, "{pace}");
    }

    #[test]
    fn paces_are_told_by_their_middle_and_ends() {
        let told = describe_paces(&[6.0, 3.04, 5.0]);
        assert_eq!(told.as_deref(), Some("Pace of the machine: 5.0 ms (3.0 to 6.0)."));
        assert_eq!(describe_paces(&[]), None);
    }
}
