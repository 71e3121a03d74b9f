//! What becomes of a mail after it was tried (rule Q3).

use crate::clock::UnixSeconds;

/// How long is waited after the first attempt that failed, the second and so on, in seconds.
const WAITS: [i64; 6] = [60, 300, 900, 3_600, 14_400, 43_200];

/// How often a mail is tried.
pub const ATTEMPTS: i64 = 7;

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The server took the mail.
    Taken,
    /// The server refused this mail for good: a status from 500 to 599 for its sender, its recipient or its text.
    Refused,
    /// Anything else: the server is not there, or not now, or takes nothing from us.
    NotNow,
}

/// What becomes of the mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was sent.
    Sent,
    /// It is tried again at this second.
    Again(UnixSeconds),
    /// It is given up.
    Failed,
}

/// Judges the attempt with this number (the first is 1), which ended at `now`.
#[must_use]
pub fn judge(outcome: Outcome, attempt: i64, now: UnixSeconds) -> Verdict {
    let wait = usize::try_from(attempt - 1).ok().and_then(|number| WAITS.get(number));
    match (outcome, wait) {
        (Outcome::Taken, _) => Verdict::Sent,
        (Outcome::NotNow, Some(wait)) => Verdict::Again(now.saturating_add(*wait)),
        (Outcome::Refused, _) | (Outcome::NotNow, None) => Verdict::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixSeconds = 1_800_000_000;

    #[test]
    fn q3_a_mail_is_tried_seven_times_with_longer_and_longer_waits() {
        let waits: Vec<_> = (1..=ATTEMPTS).map(|attempt| judge(Outcome::NotNow, attempt, NOW)).collect();
        let wanted = [60, 300, 900, 3_600, 14_400, 43_200].map(|wait| Verdict::Again(NOW + wait));
        assert_eq!(waits[..6], wanted);
        assert_eq!(waits[6], Verdict::Failed);
    }

    #[test]
    fn q3_what_is_refused_for_good_is_not_tried_again() {
        assert_eq!(judge(Outcome::Refused, 1, NOW), Verdict::Failed);
        assert_eq!(judge(Outcome::Taken, 7, NOW), Verdict::Sent);
    }
}
