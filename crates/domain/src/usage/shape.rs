//! The answer, as it is written.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::clock::UnixSeconds;

/// What one person used chats for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Usage {
    /// Sums; tokens and models are those of all time.
    pub totals: UsageTotals,
    /// One entry a day of the period, and one for every other day with messages; oldest first.
    pub heatmap: Vec<UsageDay>,
    /// The same by week; `date` is its Monday. Only weeks that occur in `heatmap`.
    pub weekly_heatmap: Vec<UsageDay>,
    /// The same as `heatmap`, each entry with what came before it.
    pub cumulative_heatmap: Vec<UsageDay>,
    /// Averages and shares, with one decimal.
    pub insights: UsageInsights,
    /// The models that answered most often, five at most.
    pub top_models: Vec<UsageModel>,
    /// The tools that were used most often, five at most.
    pub top_tools: Vec<UsageTool>,
    /// What was asked for.
    pub period: UsageSpan,
}

/// The sums.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageTotals {
    /// Tokens of all answers ever, both kinds.
    pub lifetime_tokens: i64,
    /// Tokens that went into all answers ever.
    pub input_tokens: i64,
    /// Tokens of all answers ever.
    pub output_tokens: i64,
    /// The most tokens of one day of `heatmap`.
    pub peak_daily_tokens: i64,
    /// The longest time spent in one chat, pauses of more than half an hour left out.
    pub longest_chat_seconds: i64,
    /// Days with messages in a row, counted back from the last one of `heatmap`.
    pub current_streak: i64,
    /// The most days with messages in a row.
    pub longest_streak: i64,
    /// Chats, without internal ones.
    pub total_chats: i64,
    /// Days with messages within the period.
    pub active_days: i64,
    /// Different models that ever answered.
    pub models_used: i64,
    /// Messages within the period.
    pub messages: i64,
    /// Those of the user.
    pub user_messages: i64,
    /// Those of models.
    pub assistant_messages: i64,
}

/// A day, a week, or everything up to a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageDay {
    /// `YYYY-MM-DD` in the user's time zone.
    pub date: NaiveDate,
    /// Messages of all kinds.
    pub messages: i64,
    /// Different chats; of a week or more, the sum of its days.
    pub chats: i64,
    /// Tokens, both kinds.
    pub tokens: i64,
    /// Answers by model.
    pub models: BTreeMap<String, i64>,
}

/// Averages and shares; 0 where there is nothing to divide by.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageInsights {
    /// The first of `top_models`.
    pub most_used_model: Option<String>,
    /// Tokens of all time by chats.
    pub average_tokens_per_chat: f64,
    /// Messages by days with messages.
    pub average_messages_per_active_day: f64,
    /// Percent of the messages that are the user's.
    pub user_message_share: f64,
    /// Percent of the messages that are models'.
    pub assistant_message_share: f64,
}

/// A model and how often it answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageModel {
    /// The model's id.
    pub model_id: String,
    /// How many answers.
    pub messages: i64,
    /// Tokens that went in.
    pub input_tokens: i64,
    /// Tokens that came out.
    pub output_tokens: i64,
    /// Both.
    pub total_tokens: i64,
}

/// A tool and how often its name stands in answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageTool {
    /// The tool's name.
    pub name: String,
    /// How often.
    pub count: i64,
}

/// From when to when, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UsageSpan {
    /// The first second.
    pub start_date: UnixSeconds,
    /// The last second.
    pub end_date: UnixSeconds,
    /// Days between them, the last one included.
    pub days: i64,
}
