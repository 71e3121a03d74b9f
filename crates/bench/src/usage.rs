//! What a process has used, as Linux tells it under `/proc`; nothing elsewhere.

use std::fs;

/// Clock ticks in a second as `/proc` counts them: the same on every Linux that Rust builds for.
const TICKS: f64 = 100.0;

/// User and system time of a process so far. Seconds.
pub(crate) fn cpu_seconds(pid: u32) -> Option<f64> {
    parse_cpu_seconds(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Time in which the cores of this machine did something, whoever it was for, added up. Seconds.
pub(crate) fn busy_seconds() -> Option<f64> {
    parse_busy_seconds(&fs::read_to_string("/proc/stat").ok()?)
}

/// Memory a process holds now. Megabytes.
pub(crate) fn resident_mb(pid: u32) -> Option<f64> {
    status(pid, "VmRSS:")
}

/// Most memory it ever held, or since [`reset_peak`]. Megabytes.
pub(crate) fn peak_mb(pid: u32) -> Option<f64> {
    status(pid, "VmHWM:")
}

/// Lets the peak begin anew.
pub(crate) fn reset_peak(pid: u32) {
    // Refused by some containers; then the peak is that of the whole life, which is no smaller.
    let _refused = fs::write(format!("/proc/{pid}/clear_refs"), "5");
}

fn status(pid: u32, field: &str) -> Option<f64> {
    parse_status(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?, field)
}

fn parse_cpu_seconds(stat: &str) -> Option<f64> {
    // The program's name, in parentheses, may hold spaces: the fields are counted from its end.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}

fn parse_busy_seconds(stat: &str) -> Option<f64> {
    let fields = stat.lines().find_map(|line| line.strip_prefix("cpu "))?.split_ascii_whitespace();
    let ticks: Vec<f64> = fields.map_while(|field| field.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq, steal; what guests used is in the first two.
    let [user, nice, system, _idle, _iowait, irq, softirq, steal] = *ticks.first_chunk()?;
    Some((user + nice + system + irq + softirq + steal) / TICKS)
}

fn parse_status(status: &str, field: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: f64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "42 (a b) c) S 1 2 3 4 5 6 7 8 9 10 150 50 0 0 20";
        assert_eq!(parse_cpu_seconds(stat), Some(2.0));
        assert_eq!(parse_cpu_seconds("42"), None);
    }

    #[test]
    fn waiting_is_not_being_busy() {
        let stat = "cpu  100 10 50 9000 800 2 3 5 70 0\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
        assert_eq!(parse_busy_seconds(stat), Some(1.7));
        assert_eq!(parse_busy_seconds("cpu  1 2\n"), None);
    }

    #[test]
    fn memory_is_in_megabytes() {
        let text = "Name:\tx\nVmHWM:\t   2000 kB\nVmRSS:\t   1000 kB\n";
        assert_eq!(parse_status(text, "VmRSS:"), Some(1.024));
        assert_eq!(parse_status(text, "VmHWM:"), Some(2.048));
        assert_eq!(parse_status(text, "VmSwap:"), None);
    }
}
