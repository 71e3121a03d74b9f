//! What becomes of a delivery after a try (rule W6).

use chrono::DateTime;

use crate::clock::UnixSeconds;

/// How long is waited after the first try that failed, the second and so on, in seconds: those of the Standard Webhooks
/// specification.
const WAITS: [i64; 9] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// How often a delivery is tried.
pub const TRIES: i64 = 10;

/// The longest wait that a receiver can ask for, in seconds.
pub const LONGEST_WAIT: i64 = 86_400;

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered<'a> {
    /// By an answer with this status, and perhaps a header `Retry-After`.
    Status(u16, Option<&'a str>),
    /// Without an answer.
    Nothing,
}

/// What becomes of the delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has arrived.
    Delivered,
    /// It is tried again at this second.
    Again(UnixSeconds),
    /// It was tried often enough.
    Failed,
    /// The receiver wants no more of any.
    Gone,
}

/// Judges the try with this number (the first is 1), which ended at `now`. Of `chance` it depends how much later than planned the
/// next one comes, up to a tenth: a receiver that comes back is not asked by everybody at once.
#[must_use]
pub fn judge(answered: Answered<'_>, tries: i64, now: UnixSeconds, chance: u8) -> Verdict {
    let asked = match answered {
        Answered::Status(200..=299, _) => return Verdict::Delivered,
        Answered::Status(410, _) => return Verdict::Gone,
        Answered::Status(_, retry_after) => retry_after.and_then(|text| wait_asked(text, now)),
        Answered::Nothing => None,
    };
    let wait = usize::try_from(tries - 1).ok().and_then(|number| WAITS.get(number));
    match wait {
        Some(wait) => {
            let later = wait * i64::from(chance) / (10 * i64::from(u8::MAX));
            Verdict::Again(now.saturating_add((wait + later).max(asked.unwrap_or_default())))
        }
        None => Verdict::Failed,
    }
}

/// The seconds that a receiver asks for (RFC 9110, 10.2.3), [`LONGEST_WAIT`] at most. `None` for a text that is neither a
/// number of seconds nor a date.
fn wait_asked(text: &str, now: UnixSeconds) -> Option<i64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = if is_number {
        text.parse().unwrap_or(LONGEST_WAIT)
    } else {
        DateTime::parse_from_rfc2822(text).ok()?.timestamp().saturating_sub(now)
    };
    Some(seconds.clamp(0, LONGEST_WAIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_800_000_000;

    fn after(answered: Answered<'_>, tries: i64, chance: u8) -> Option<i64> {
        match judge(answered, tries, NOW, chance) {
            Verdict::Again(at) => Some(at - NOW),
            _ => None,
        }
    }

    #[test]
    fn w6_a_delivery_is_tried_ten_times_with_longer_and_longer_waits() {
        let waits: Vec<_> = (1..TRIES).map(|tries| after(Answered::Nothing, tries, 0)).collect();
        assert_eq!(waits, [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map(Some));
        assert_eq!(judge(Answered::Nothing, TRIES, NOW, 0), Verdict::Failed);
        assert_eq!(judge(Answered::Status(500, Some("60")), TRIES, NOW, 0), Verdict::Failed);
        assert_eq!(after(Answered::Nothing, 2, 255), Some(330), "a tenth later at most");
        assert_eq!(after(Answered::Nothing, 2, 128), Some(315));
    }

    #[test]
    fn w6_a_status_of_success_delivers_and_410_ends_all() {
        for (status, verdict) in [
            (200, Verdict::Delivered),
            (204, Verdict::Delivered),
            (299, Verdict::Delivered),
            (410, Verdict::Gone),
        ] {
            assert_eq!(judge(Answered::Status(status, None), 1, NOW, 0), verdict, "{status}");
        }
        // Redirects are not followed.
        for status in [100, 199, 300, 301, 302, 307, 308, 400, 404, 429, 500, 503] {
            assert_eq!(after(Answered::Status(status, None), 1, 0), Some(5), "{status}");
        }
    }

    #[test]
    fn w6_a_receiver_can_ask_for_a_longer_wait_and_for_no_shorter_one() {
        for (text, tries, wait) in [
            ("120", 1, 120),
            (" 120 ", 1, 120),
            ("120", 2, 300),
            ("0", 1, 5),
            ("99999999", 1, LONGEST_WAIT),
            ("99999999999999999999", 1, LONGEST_WAIT),
            ("Fri, 15 Jan 2027 08:02:00 GMT", 1, 120),
            ("Fri, 15 Jan 2027 07:00:00 GMT", 1, 5),
            ("soon", 1, 5),
            ("-1", 1, 5),
            ("", 1, 5),
        ] {
            assert_eq!(after(Answered::Status(503, Some(text)), tries, 0), Some(wait), "{text:?}");
        }
    }
}
