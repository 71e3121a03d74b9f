//! The shape of one recorded exchange and of an answer made comparable to it.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// One line of a recording.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Exchange {
    /// Unique within its file.
    pub(super) name: String,
    /// The HTTP method.
    pub(super) method: String,
    /// The path, with `{user:alice}`-style names in it.
    pub(super) path: String,
    /// Who calls: a short name, or a saved variable.
    #[serde(rename = "as")]
    pub(super) caller: Option<String>,
    /// How the caller is shown to the server.
    #[serde(default)]
    pub(super) auth: Auth,
    /// What the minted token says beside the usual; `null` is said too.
    #[serde(default)]
    pub(super) claims: Map<String, Value>,
    /// Headers beside the usual, with names and variables in their values.
    #[serde(default)]
    pub(super) headers: BTreeMap<String, String>,
    /// The query string's parameters.
    #[serde(default)]
    pub(super) query: Map<String, Value>,
    /// A JSON body; `Some(Null)` is a body of `null`.
    #[serde(default, deserialize_with = "present")]
    pub(super) body: Option<Value>,
    /// A body sent as it is; wins over `body`.
    pub(super) raw: Option<String>,
    /// The content type of a body when it is not JSON.
    pub(super) content_type: Option<String>,
    /// Variables to keep from the answer, each with a dotted path into it.
    #[serde(default)]
    pub(super) save: BTreeMap<String, String>,
    /// Where in the answer the token is whose claims are compared, dotted.
    pub(super) claims_of: Option<String>,
    /// What the answer does to cookies is compared.
    #[serde(default)]
    pub(super) cookies: bool,
    /// What Open WebUI answered.
    reference: Wanted,
    /// What must be answered instead, where that was a defect.
    expect: Option<Wanted>,
    /// `subset` allows keys the wanted JSON does not have.
    #[serde(rename = "match")]
    matching: Option<Matching>,
    /// Keys that must appear nowhere in the answer.
    #[serde(default)]
    pub(super) absent: Vec<String>,
    /// The bytes of an answer that is not JSON do not matter.
    #[serde(default)]
    pub(super) ignore_bytes: bool,
}

impl Exchange {
    /// What the server must answer.
    pub(super) fn wanted(&self) -> &Wanted {
        self.expect.as_ref().unwrap_or(&self.reference)
    }

    /// Whether the answer may hold keys the recording does not list.
    pub(super) fn allows_more_keys(&self) -> bool {
        self.matching.is_some()
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Matching {
    Subset,
}

/// How a caller is shown to the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Auth {
    /// `Authorization: Bearer <good token>`.
    #[default]
    Bearer,
    /// The same with the scheme in lower case.
    LowercaseBearer,
    /// A good token under the scheme `Basic`.
    Basic,
    /// A good token in the cookie `token`.
    Cookie,
    /// The caller's API key.
    Apikey,
    /// The token kept in the variable named by `as`.
    Var,
    /// Nothing at all.
    None,
    /// A token without `exp`.
    NoExp,
    /// A token that expired a minute ago.
    Expired,
    /// A token signed with another secret.
    WrongSecret,
    /// An unsigned token.
    AlgNone,
    /// A token without the claim `id`.
    NoId,
    /// Not a token.
    Garbage,
}

/// The wanted answer; what is absent is not compared.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Wanted {
    pub(super) status: Option<u16>,
    #[serde(rename = "type")]
    pub(super) content_type: Option<String>,
    pub(super) sha256: Option<String>,
    pub(super) location: Option<String>,
    #[serde(rename = "content-disposition")]
    pub(super) content_disposition: Option<String>,
    #[serde(default, deserialize_with = "present")]
    pub(super) json: Option<Value>,
    /// Claims that the token must have; it may have more.
    pub(super) claims: Option<Value>,
    /// Cookies that must be so, by their names; there may be more.
    pub(super) cookies: Option<Value>,
}

/// An answer, normalised.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Of an answer that is not JSON.
    pub(super) content_type: Option<String>,
    /// Of the bytes of an answer that is not JSON and not empty.
    pub(super) sha256: Option<String>,
    pub(super) location: Option<String>,
    pub(super) content_disposition: Option<String>,
    /// Of an answer that is JSON.
    pub(super) json: Option<Value>,
    /// Of the token asked for; null where there is none.
    pub(super) claims: Option<Value>,
    /// What the answer does to each cookie, where that was asked for.
    pub(super) cookies: Option<Value>,
}

/// Tells a key that is there with the value `null` from a key that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
