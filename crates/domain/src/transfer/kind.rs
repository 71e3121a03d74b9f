//! The forms of files.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::foreign::Foreign;

/// The form of a file that is imported.
///
/// In JSON it is its name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum FileKind {
    /// A table with a row of headers: text with any delimiter.
    #[default]
    Csv,
    /// An object of JSON in each line.
    Ndjson,
    /// A file of another system.
    Foreign(Foreign),
}

/// No form has this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}", FileKind::names())]
pub struct UnknownKind;

impl FileKind {
    /// All.
    pub const ALL: [Self; 10] = [
        Self::Csv,
        Self::Ndjson,
        Self::Foreign(Foreign::Keycloak),
        Self::Foreign(Foreign::Auth0),
        Self::Foreign(Foreign::Firebase),
        Self::Foreign(Foreign::Supabase),
        Self::Foreign(Foreign::BetterAuth),
        Self::Foreign(Foreign::Django),
        Self::Foreign(Foreign::Okta),
        Self::Foreign(Foreign::LibreChat),
    ];

    /// The name by which it is asked for.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::Foreign(system) => system.as_str(),
        }
    }

    /// The form that the end of a file's name stands for, in any case; `None` where it says nothing.
    #[must_use]
    pub fn of_suffix(suffix: &str) -> Option<Self> {
        match suffix.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// The form that a media type stands for, without its parameters; `None` where it says nothing.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type.to_ascii_lowercase().as_str() {
            "text/csv" | "text/tab-separated-values" => Some(Self::Csv),
            "application/x-ndjson" | "application/jsonl" | "application/x-jsonlines" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// The names of all, for a message.
    #[must_use]
    pub fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<FileKind> for &'static str {
    fn from(kind: FileKind) -> Self {
        kind.as_str()
    }
}

impl TryFrom<String> for FileKind {
    type Error = UnknownKind;

    fn try_from(text: String) -> Result<Self, UnknownKind> {
        text.parse()
    }
}

impl FromStr for FileKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_told_by_name_suffix_and_media_type() {
        for kind in FileKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            let json = serde_json::to_value(kind).unwrap();
            assert_eq!(json, kind.as_str());
            assert_eq!(serde_json::from_value::<FileKind>(json).unwrap(), kind);
        }
        let systems = FileKind::ALL.iter().filter(|kind| matches!(kind, FileKind::Foreign(_)));
        assert_eq!(systems.count(), Foreign::ALL.len());
        for kind in [FileKind::Csv, FileKind::Ndjson] {
            assert_eq!(FileKind::of_suffix(&kind.as_str().to_ascii_uppercase()), Some(kind));
        }
        let refused = "xlsx".parse::<FileKind>().unwrap_err().to_string();
        assert!(refused.starts_with("must be one of csv, ndjson, keycloak, "), "{refused}");
        assert_eq!(FileKind::of_suffix("tsv"), Some(FileKind::Csv));
        assert_eq!(FileKind::of_suffix("xlsx"), None);
        assert_eq!(FileKind::of_media_type("Text/CSV"), Some(FileKind::Csv));
        assert_eq!(FileKind::of_media_type("application/x-ndjson"), Some(FileKind::Ndjson));
        assert_eq!(FileKind::of_media_type("application/octet-stream"), None);
    }
}
