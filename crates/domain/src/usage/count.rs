//! Counting rows as they come.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::days::{Day, running, streaks, weeks};
use super::numbers::{percent, quotient, seconds, tokens};
use super::period::{UsagePeriod, date_of};
use super::shape::{Usage, UsageInsights, UsageModel, UsageTool, UsageTotals};
use super::tools;
use crate::clock::UnixSeconds;
use crate::json::JsonText;

/// Pauses up to this many seconds are time spent in a chat.
const LONGEST_PAUSE: i64 = 1_800;
/// How many models and tools are named.
const NAMED: usize = 5;
const ASSISTANT: &str = "assistant";
const USER: &str = "user";

/// A message of the user within the period.
#[derive(Debug, Clone, Copy)]
pub struct MessageRow<'a> {
    /// The chat it stands in.
    pub chat: &'a str,
    /// Who wrote it: `user`, `assistant`, `system` or anything else.
    pub role: &'a str,
    /// The model that answered.
    pub model: Option<&'a str>,
    /// When, as stored.
    pub at: i64,
    /// What the provider counted.
    pub usage: Option<&'a JsonText>,
    /// What came out.
    pub output: Option<&'a JsonText>,
    /// What is noted about it.
    pub meta: Option<&'a JsonText>,
}

/// The count while rows come in.
#[derive(Debug)]
pub struct UsageCount {
    period: UsagePeriod,
    zone: TimeZone,
    totals: UsageTotals,
    models_used: HashSet<Box<str>>,
    days: BTreeMap<NaiveDate, Day>,
    models: HashMap<Box<str>, UsageModel>,
    tools: HashMap<Box<str>, i64>,
    chat: Option<(Box<str>, Vec<i64>)>,
}

impl UsageCount {
    /// Of this period, in the days of this [time zone](super::zone).
    #[must_use]
    pub fn new(period: UsagePeriod, zone: TimeZone) -> Self {
        Self {
            period,
            zone,
            totals: UsageTotals::default(),
            models_used: HashSet::new(),
            days: BTreeMap::new(),
            models: HashMap::new(),
            tools: HashMap::new(),
            chat: None,
        }
    }

    /// The period.
    #[must_use]
    pub fn period(&self) -> UsagePeriod {
        self.period
    }

    /// One answer that the user ever got.
    pub fn answer(&mut self, model: Option<&str>, usage: Option<&JsonText>) {
        let (input, output) = tokens(&value(usage));
        let totals = &mut self.totals;
        totals.input_tokens = totals.input_tokens.saturating_add(input);
        totals.output_tokens = totals.output_tokens.saturating_add(output);
        if let Some(model) = model.filter(|model| !self.models_used.contains(*model)) {
            self.models_used.insert(model.into());
        }
    }

    /// One message of the period.
    pub fn message(&mut self, row: &MessageRow<'_>) {
        let (input, output) = tokens(&value(row.usage));
        self.totals.messages += 1;
        match row.role {
            USER => self.totals.user_messages += 1,
            ASSISTANT => self.totals.assistant_messages += 1,
            _ => {}
        }
        let model = row.model.filter(|_| row.role == ASSISTANT);
        if let Some(date) = date_of(seconds(row.at), &self.zone) {
            let day = self.days.entry(date).or_default();
            day.messages += 1;
            day.tokens = day.tokens.saturating_add(input).saturating_add(output);
            if !day.chats.contains(row.chat) {
                day.chats.insert(row.chat.into());
            }
            if let Some(model) = model.filter(|model| !model.is_empty()) {
                *day.models.entry(model.to_owned()).or_default() += 1;
            }
        }
        if let Some(model) = model {
            let of_model = self.models.entry(model.into()).or_insert_with(|| UsageModel {
                model_id: model.to_owned(),
                messages: 0,
                input_tokens: 0,
                output_tokens: 0,
                total_tokens: 0,
            });
            of_model.messages += 1;
            of_model.input_tokens = of_model.input_tokens.saturating_add(input);
            of_model.output_tokens = of_model.output_tokens.saturating_add(output);
        }
        for document in [row.output, row.meta] {
            tools::names(&value(document), &mut |name| *self.tools.entry(name.into()).or_default() += 1);
        }
    }

    /// How many chats the user has, without internal ones.
    pub fn chats(&mut self, chats: i64) {
        self.totals.total_chats = chats;
    }

    /// The time of one message of one of those chats, whoever wrote it. Those of a chat come one after the other.
    pub fn chat_time(&mut self, chat: &str, at: UnixSeconds) {
        match &mut self.chat {
            Some((current, times)) if **current == *chat => times.push(seconds(at)),
            _ => {
                self.end_chat();
                self.chat = Some((chat.into(), vec![seconds(at)]));
            }
        }
    }

    fn end_chat(&mut self) {
        let Some((_, mut times)) = self.chat.take() else { return };
        times.sort_unstable();
        let gaps = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        let spent: i64 = gaps.filter(|gap| *gap <= LONGEST_PAUSE).sum();
        self.totals.longest_chat_seconds = self.totals.longest_chat_seconds.max(spent);
    }

    /// What comes of it.
    #[must_use]
    pub fn finish(mut self) -> Usage {
        self.end_chat();
        let mut totals = self.totals;
        totals.lifetime_tokens = totals.input_tokens.saturating_add(totals.output_tokens);
        totals.models_used = count(self.models_used.len());
        totals.active_days = count(self.days.len());
        for date in self.period.days(&self.zone) {
            self.days.entry(date).or_default();
        }
        let heatmap: Vec<_> = self.days.into_iter().map(|(date, day)| day.into_shown(date)).collect();
        totals.peak_daily_tokens = heatmap.iter().map(|day| day.tokens).max().unwrap_or_default();
        (totals.current_streak, totals.longest_streak) = streaks(&heatmap);
        let top_models = top_models(self.models);
        let insights = UsageInsights {
            most_used_model: top_models.first().map(|model| model.model_id.clone()),
            average_tokens_per_chat: quotient(totals.lifetime_tokens, totals.total_chats),
            average_messages_per_active_day: quotient(totals.messages, totals.active_days),
            user_message_share: percent(totals.user_messages, totals.messages),
            assistant_message_share: percent(totals.assistant_messages, totals.messages),
        };
        Usage {
            weekly_heatmap: weeks(&heatmap),
            cumulative_heatmap: running(&heatmap),
            heatmap,
            insights,
            top_models,
            top_tools: top_tools(self.tools),
            period: self.period.span(),
            totals,
        }
    }
}

fn value(document: Option<&JsonText>) -> Value {
    document.map(JsonText::to_value).unwrap_or_default()
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// By answers, most first; equal ones by id (rule N14).
fn top_models(models: HashMap<Box<str>, UsageModel>) -> Vec<UsageModel> {
    let mut top: Vec<_> = models.into_values().collect();
    top.sort_unstable_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.model_id.cmp(&b.model_id)));
    top.truncate(NAMED);
    for model in &mut top {
        model.total_tokens = model.input_tokens.saturating_add(model.output_tokens);
    }
    top
}

/// By number, most first; equal ones by name (rule N14).
fn top_tools(tools: HashMap<Box<str>, i64>) -> Vec<UsageTool> {
    let mut top: Vec<_> =
        tools.into_iter().map(|(name, count)| UsageTool { name: name.into(), count }).collect();
    top.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    top.truncate(NAMED);
    top
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{UsageRequest, zone};

    /// 2023-11-14, 00:00 UTC.
    const DAY: i64 = 1_699_920_000;

    fn counting() -> UsageCount {
        let asked = UsageRequest { start_date: Some(DAY), end_date: Some(DAY + 2 * 86_400 - 1), days: None };
        UsageCount::new(UsagePeriod::new(asked, DAY + 100 * 86_400).unwrap(), zone(None))
    }

    fn json(text: &str) -> JsonText {
        JsonText::from_stored(text.to_owned())
    }

    fn row<'a>(chat: &'a str, role: &'a str, model: Option<&'a str>, at: i64) -> MessageRow<'a> {
        MessageRow { chat, role, model, at, usage: None, output: None, meta: None }
    }

    #[test]
    fn nothing_happened_is_a_calendar_of_zeros() {
        let usage = counting().finish();
        assert_eq!(usage.totals, UsageTotals::default());
        assert_eq!(usage.insights, UsageInsights::default());
        assert_eq!(
            (usage.heatmap.len(), usage.weekly_heatmap.len(), usage.cumulative_heatmap.len()),
            (2, 1, 2)
        );
        assert_eq!(usage.period.days, 2);
    }

    #[test]
    fn lifetime_sums_and_the_periods_are_apart() {
        let mut counting = counting();
        let usage = json(r#"{"input_tokens": 10, "output_tokens": 5}"#);
        counting.answer(Some("old"), Some(&usage));
        counting.answer(Some("old"), None);
        counting.answer(None, Some(&usage));
        counting.message(&MessageRow { usage: Some(&usage), ..row("c", "assistant", Some("new"), DAY) });
        counting.message(&MessageRow { usage: Some(&usage), ..row("c", "user", Some("no"), DAY + 1) });
        counting.message(&row("d", "tool", None, DAY + 86_400));
        counting.chats(4);
        let usage = counting.finish();
        let totals = &usage.totals;
        assert_eq!((totals.input_tokens, totals.output_tokens, totals.lifetime_tokens), (20, 10, 30));
        assert_eq!(
            (totals.models_used, totals.messages, totals.user_messages, totals.assistant_messages),
            (1, 3, 1, 1)
        );
        assert_eq!((totals.peak_daily_tokens, totals.active_days, totals.current_streak), (30, 2, 2));
        assert_eq!(usage.heatmap[0].models, BTreeMap::from([("new".to_owned(), 1)]));
        assert_eq!((usage.heatmap[0].chats, usage.weekly_heatmap[0].chats), (1, 2));
        assert_eq!(usage.top_models[0].total_tokens, 15);
        assert_eq!(usage.insights.most_used_model.as_deref(), Some("new"));
    }

    #[test]
    fn long_pauses_are_no_time_in_a_chat() {
        let mut counting = counting();
        for (chat, at) in [
            ("a", 0),
            ("a", 60),
            ("a", 1_860),
            ("a", 1_860),
            ("a", 3_661),
            ("b", 0),
            ("b", 1_900),
            ("c", 5_000),
        ] {
            counting.chat_time(chat, DAY + at);
        }
        // Milliseconds come last from the database, whenever they were.
        counting.chat_time("c", (DAY + 5_010) * 1_000);
        assert_eq!(counting.finish().totals.longest_chat_seconds, 1_860);
    }

    #[test]
    fn n14_ties_are_broken_by_id_and_name_and_five_are_named() {
        let mut counting = counting();
        for model in ["f", "b", "a", "e", "", "d", "c", "b"] {
            counting.message(&row("c", "assistant", Some(model), DAY));
        }
        let tools =
            json(r#"[{"type":"tool","name":"z"},{"type":"tool","name":"a"},{"type":"tool","name":"z"}]"#);
        counting.message(&MessageRow { output: Some(&tools), ..row("c", "assistant", None, DAY) });
        let usage = counting.finish();
        let models: Vec<_> = usage.top_models.iter().map(|model| model.model_id.as_str()).collect();
        assert_eq!(models, ["b", "", "a", "c", "d"]);
        assert!(!usage.heatmap[0].models.contains_key(""));
        let named: Vec<_> = usage.top_tools.iter().map(|tool| (tool.name.as_str(), tool.count)).collect();
        assert_eq!(named, [("z", 2), ("a", 1)]);
    }

    #[test]
    fn days_of_messages_are_listed_though_the_calendar_is_cut() {
        let asked = UsageRequest { start_date: Some(0), end_date: Some(1_000), days: None };
        let mut counting = UsageCount::new(UsagePeriod::new(asked, DAY).unwrap(), zone(None));
        counting.message(&row("c", "user", None, 500));
        let usage = counting.finish();
        assert_eq!(usage.heatmap.len(), 1);
        assert_eq!(usage.heatmap[0].date.to_string(), "1970-01-01");
    }
}
