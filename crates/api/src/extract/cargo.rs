//! What makes a body large, and how large it may be then.

use rosterd_app::settings::Settings;

/// What makes a body large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cargo {
    /// Nothing.
    Fields,
    /// A profile image.
    Image,
    /// What is merged into settings or info.
    Document,
}

impl Cargo {
    /// The larger of the two.
    pub(crate) const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Document, _) | (_, Self::Document) => Self::Document,
            (Self::Image, _) | (_, Self::Image) => Self::Image,
            (Self::Fields, Self::Fields) => Self::Fields,
        }
    }

    /// The most bytes of such a body.
    pub(super) fn limit(self, settings: &Settings) -> usize {
        match self {
            Self::Fields => settings.max_body_bytes,
            Self::Image => settings.max_image_body_bytes,
            Self::Document => settings.document_limits.max_bytes.saturating_add(DOCUMENT_ROOM),
        }
    }
}

/// How much larger than the document it makes a body may be: white space, escapes, repeated keys.
const DOCUMENT_ROOM: usize = 64 << 10;
