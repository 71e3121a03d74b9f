//! What happened on which day, and what weeks and runs of days come of it.

use std::collections::{BTreeMap, HashSet};

use chrono::{Datelike, Days, NaiveDate};

use super::shape::UsageDay;

/// One day while it is counted.
#[derive(Debug, Default)]
pub(super) struct Day {
    pub(super) messages: i64,
    pub(super) tokens: i64,
    pub(super) chats: HashSet<Box<str>>,
    pub(super) models: BTreeMap<String, i64>,
}

impl Day {
    pub(super) fn into_shown(self, date: NaiveDate) -> UsageDay {
        let chats = i64::try_from(self.chats.len()).unwrap_or(i64::MAX);
        UsageDay { date, messages: self.messages, chats, tokens: self.tokens, models: self.models }
    }
}

/// The entries added up by week, each under its Monday.
pub(super) fn weeks(days: &[UsageDay]) -> Vec<UsageDay> {
    let mut weeks: Vec<UsageDay> = Vec::new();
    for day in days {
        let since_monday = Days::new(u64::from(day.date.weekday().num_days_from_monday()));
        let monday = day.date.checked_sub_days(since_monday).unwrap_or(day.date);
        match weeks.last_mut() {
            Some(week) if week.date == monday => add(week, day),
            _ => weeks.push(UsageDay { date: monday, ..day.clone() }),
        }
    }
    weeks
}

/// Each entry with everything before it.
pub(super) fn running(days: &[UsageDay]) -> Vec<UsageDay> {
    let mut sum: Option<UsageDay> = None;
    let sums = days.iter().map(|day| {
        let next = match sum.take() {
            None => day.clone(),
            Some(mut before) => {
                add(&mut before, day);
                UsageDay { date: day.date, ..before }
            }
        };
        sum = Some(next.clone());
        next
    });
    sums.collect()
}

fn add(sum: &mut UsageDay, day: &UsageDay) {
    sum.messages += day.messages;
    sum.chats += day.chats;
    sum.tokens = sum.tokens.saturating_add(day.tokens);
    for (model, answers) in &day.models {
        *sum.models.entry(model.clone()).or_default() += answers;
    }
}

/// Entries with messages in a row: those at the end, and the most anywhere.
pub(super) fn streaks(days: &[UsageDay]) -> (i64, i64) {
    let (mut current, mut longest) = (0, 0);
    for day in days {
        current = if day.messages > 0 { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    (current, longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(date: &str, messages: i64, model: &str) -> UsageDay {
        UsageDay {
            date: date.parse().unwrap(),
            messages,
            chats: messages.min(1),
            tokens: messages * 10,
            models: BTreeMap::from([(model.to_owned(), messages)]),
        }
    }

    #[test]
    fn weeks_begin_on_monday_and_only_those_with_days_are_there() {
        let days = [
            day("2023-11-12", 1, "a"),
            day("2023-11-13", 2, "a"),
            day("2023-11-19", 3, "b"),
            day("2023-12-04", 4, "b"),
        ];
        let weeks = weeks(&days);
        let told: Vec<_> =
            weeks.iter().map(|week| (week.date.to_string(), week.messages, week.chats)).collect();
        assert_eq!(
            told,
            [
                ("2023-11-06".to_owned(), 1, 1),
                ("2023-11-13".to_owned(), 5, 2),
                ("2023-12-04".to_owned(), 4, 1)
            ]
        );
        assert_eq!(weeks[1].models, BTreeMap::from([("a".to_owned(), 2), ("b".to_owned(), 3)]));
    }

    #[test]
    fn running_sums_have_an_entry_a_day() {
        let sums =
            running(&[day("2023-11-12", 1, "a"), day("2023-11-13", 0, "b"), day("2023-11-14", 3, "a")]);
        let told: Vec<_> = sums.iter().map(|sum| (sum.date.to_string(), sum.messages, sum.tokens)).collect();
        assert_eq!(
            told,
            [
                ("2023-11-12".to_owned(), 1, 10),
                ("2023-11-13".to_owned(), 1, 10),
                ("2023-11-14".to_owned(), 4, 40)
            ]
        );
        assert_eq!(running(&[]), []);
    }

    #[test]
    fn a_streak_ends_with_a_day_without_messages() {
        let of = |messages: &[i64]| {
            let days: Vec<_> = messages.iter().map(|messages| day("2023-11-12", *messages, "a")).collect();
            streaks(&days)
        };
        assert_eq!(of(&[1, 2, 0, 1]), (1, 2));
        assert_eq!(of(&[1, 0]), (0, 1));
        assert_eq!(of(&[]), (0, 0));
    }
}
