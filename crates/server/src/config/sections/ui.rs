//! `[ui]`: texts that front ends show.

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const DEFAULT_LOCALE: Setting = Setting::new(
    "ui.default_locale",
    "DEFAULT_LOCALE",
    &[],
    Kind::Text,
    "",
    "Language of the front end, such as en-US. The stored ui.default_locale has priority.",
);
const PROMPT_SUGGESTIONS: Setting = Setting::new(
    "ui.prompt_suggestions",
    "DEFAULT_PROMPT_SUGGESTIONS",
    &[],
    Kind::Json,
    "[]",
    "Prompts that are suggested in an empty chat, as a JSON array. The stored ui.prompt_suggestions has priority.",
);
const PENDING_TITLE: Setting = Setting::new(
    "ui.pending_title",
    "PENDING_USER_OVERLAY_TITLE",
    &[],
    Kind::Text,
    "",
    "Heading that pending users see. The stored ui.pending_user_overlay_title has priority.",
);
const PENDING_CONTENT: Setting = Setting::new(
    "ui.pending_content",
    "PENDING_USER_OVERLAY_CONTENT",
    &[],
    Kind::Text,
    "",
    "Text that pending users see. The stored ui.pending_user_overlay_content has priority.",
);
const WATERMARK: Setting = Setting::new(
    "ui.watermark",
    "RESPONSE_WATERMARK",
    &[],
    Kind::Text,
    "",
    "Text that is added to copied answers. The stored ui.watermark has priority.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] =
    &[DEFAULT_LOCALE, PROMPT_SUGGESTIONS, PENDING_TITLE, PENDING_CONTENT, WATERMARK];

/// Texts that front ends show. Each value holds where the database stores none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UiConfig {
    /// Language tag; empty: the browser's.
    pub default_locale: String,
    /// A JSON array.
    pub prompt_suggestions: serde_json::Value,
    /// Heading for waiting users.
    pub pending_title: String,
    /// Text for waiting users.
    pub pending_content: String,
    /// Text added to copied answers.
    pub watermark: String,
}

impl UiConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let default_locale = reader.read(&DEFAULT_LOCALE, parse::text);
        let prompt_suggestions = reader.read(&PROMPT_SUGGESTIONS, parse::json_array);
        let pending_title = reader.read(&PENDING_TITLE, parse::text);
        let pending_content = reader.read(&PENDING_CONTENT, parse::text);
        let watermark = reader.read(&WATERMARK, parse::text);
        Some(Self {
            default_locale: default_locale?,
            prompt_suggestions: prompt_suggestions?,
            pending_title: pending_title?,
            pending_content: pending_content?,
            watermark: watermark?,
        })
    }
}
