//! What a front end is told before its first page (`GET /api/config`): to whom what is told, and what of it a standalone
//! server has.
//!
//! The features are one table ([`Feature::ALL`]), and the switches that only the environment gives another
//! ([`Switch::ALL`]). To add one: a row there.

mod feature;
mod switch;

pub use feature::{Feature, Source, any_enabled};
pub use switch::Switch;

use serde_json::Value;

use crate::dialect::Dialect;
use crate::role::Role;
use crate::stored_config::Key;

/// Who asks. Each is told what those before are told, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// Whoever shows no session that holds.
    Anybody,
    /// An account that waits to be let in.
    Pending,
    /// A user or an admin.
    Verified,
}

impl Audience {
    /// Who the holder of a session is to this front end; `None`: there is no session. The older one tells those who wait
    /// what it tells anybody.
    #[must_use]
    pub fn of(role: Option<&Role>, dialect: Dialect) -> Self {
        match (role, dialect) {
            (Some(role), _) if role.is_verified() => Self::Verified,
            (Some(_waits), Dialect::V0_12) => Self::Pending,
            (Some(_) | None, _) => Self::Anybody,
        }
    }

    /// The stored settings that an answer to them is made of.
    #[must_use]
    pub fn keys(self, dialect: Dialect) -> Vec<Key> {
        const ANYBODY: [Key; 3] = [Key::DefaultLocale, Key::I18n, Key::OauthAutoRedirect];
        const PENDING: [Key; 2] = [Key::PendingUserOverlayTitle, Key::PendingUserOverlayContent];
        const VERIFIED: [Key; 22] = [
            Key::DefaultModels,
            Key::DefaultPinnedModels,
            Key::PromptSuggestions,
            Key::PromptSuggestionsI18n,
            Key::CodeExecutionEngine,
            Key::CodeInterpreterEngine,
            Key::EnableRealtimeAudio,
            Key::RealtimeAudioModel,
            Key::RealtimeAudioVoice,
            Key::TtsEngine,
            Key::TtsVoice,
            Key::TtsSplitOn,
            Key::SttEngine,
            Key::FileMaxSize,
            Key::FileMaxCount,
            Key::ImageCompressionWidth,
            Key::ImageCompressionHeight,
            Key::DefaultInterfaceSettings,
            Key::InterfaceVisibility,
            Key::ResponseWatermark,
            Key::PendingUserOverlayTitle,
            Key::PendingUserOverlayContent,
        ];
        let more: &[Key] = match self {
            Self::Anybody => &[],
            Self::Pending => &PENDING,
            Self::Verified => &VERIFIED,
        };
        let features = Feature::told_to(self, dialect).filter_map(|feature| feature.source.key());
        ANYBODY.iter().chain(more).copied().chain(features).collect()
    }
}

/// Suggestions for an empty chat as the front end of this dialect takes them: the older one takes a list only, to the newest
/// null means its own.
#[must_use]
pub fn suggestions(stored: Value, dialect: Dialect) -> Value {
    match (dialect, stored) {
        (Dialect::V0_6, Value::Null) => Value::Array(Vec::new()),
        (_, stored) => stored,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_anybody_to_the_older_front_end() {
        let audience = |role: Option<Role>, dialect| Audience::of(role.as_ref(), dialect);
        for dialect in Dialect::ALL {
            assert_eq!(audience(None, dialect), Audience::Anybody);
            assert_eq!(audience(Some(Role::User), dialect), Audience::Verified);
            assert_eq!(audience(Some(Role::Admin), dialect), Audience::Verified);
        }
        assert_eq!(audience(Some(Role::Pending), Dialect::V0_6), Audience::Anybody);
        assert_eq!(audience(Some(Role::Pending), Dialect::V0_12), Audience::Pending);
    }

    #[test]
    fn the_older_front_end_is_given_a_list_of_suggestions() {
        let empty = Value::Array(Vec::new());
        assert_eq!(suggestions(Value::Null, Dialect::V0_6), empty);
        assert_eq!(suggestions(Value::Null, Dialect::V0_12), Value::Null);
        assert_eq!(suggestions(empty.clone(), Dialect::V0_12), empty);
    }

    #[test]
    fn no_setting_is_read_twice() {
        for dialect in Dialect::ALL {
            for audience in [Audience::Anybody, Audience::Pending, Audience::Verified] {
                let mut keys = audience.keys(dialect);
                let read = keys.len();
                keys.sort_unstable();
                keys.dedup();
                assert_eq!(keys.len(), read, "{audience:?}");
            }
        }
    }
}
