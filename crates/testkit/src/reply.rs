//! What a server answered, with assertions that show the whole answer when they fail.

use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::http;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Reply {
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

/// An answer whose body is still on its way.
#[derive(Debug)]
pub struct OpenReply {
    pub(crate) request: String,
    pub(crate) response: reqwest::Response,
}

impl OpenReply {
    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The next piece of the body as text, once it is there; `None` at the end.
    ///
    /// # Panics
    /// When the connection breaks off, or is open for longer than a minute.
    pub async fn next_text(&mut self) -> Option<String> {
        let piece = self.response.chunk().await;
        let piece = piece.unwrap_or_else(|error| panic!("{}: {}", self.request, http::causes(&error)));
        piece.map(|piece| String::from_utf8_lossy(&piece).into_owned())
    }
}

impl Reply {
    /// The status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// One header as text; `None` when it was not sent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The body as JSON.
    #[must_use]
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|e| panic!("the body is not JSON ({e})\n{self}"))
    }

    /// One value in the JSON body by pointer (`/users/0/id`); null when there is none.
    #[must_use]
    #[track_caller]
    pub fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or_default()
    }
}

/// Each gives the answer back for the next assertion.
#[expect(clippy::must_use_candidate, reason = "an assertion is made for its effect")]
impl Reply {
    /// Stops the test unless the status is this one.
    #[track_caller]
    pub fn assert_status(&self, status: u16) -> &Self {
        assert!(self.status == status, "wanted status {status}\n{self}");
        self
    }

    /// Stops the test unless the body is this JSON; the order of keys does not matter.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "called with json!({..}) on the spot")]
    pub fn assert_json(&self, wanted: Value) -> &Self {
        let got = self.json();
        assert!(got == wanted, "wanted {wanted:#}\n{self}");
        self
    }

    /// Both at once.
    #[track_caller]
    pub fn assert(&self, status: u16, body: Value) -> &Self {
        self.assert_status(status).assert_json(body)
    }

    /// Stops the test unless this is an error in the shape of docs/API.md, "Errors": status, `code`, a sentence or
    /// a list in `detail`, nothing else, and a request id to find it by in the log.
    #[track_caller]
    pub fn assert_error(&self, status: u16, code: &str) -> &Self {
        self.assert_status(status);
        let body = self.json();
        let keys: Vec<&String> = body.as_object().map(|object| object.keys().collect()).unwrap_or_default();
        assert!(keys.len() == 2 && body["code"] == code, "wanted the error {code}\n{self}");
        let said = match &body["detail"] {
            Value::String(sentence) => !sentence.is_empty(),
            Value::Array(errors) => !errors.is_empty() && code == "VALIDATION_ERROR",
            _ => false,
        };
        assert!(said, "`detail` says nothing\n{self}");
        assert!(self.header("x-request-id").is_some_and(|id| !id.is_empty()), "no x-request-id\n{self}");
        self
    }

    /// Stops the test unless this is a 422 that complains of exactly these places (`body/role`), in any order.
    #[track_caller]
    pub fn assert_invalid(&self, places: &[&str]) -> &Self {
        self.assert_error(422, "VALIDATION_ERROR");
        let mut got: Vec<String> =
            self.json()["detail"].as_array().into_iter().flatten().map(place).collect();
        got.sort();
        let mut wanted = places.to_vec();
        wanted.sort_unstable();
        assert!(got == wanted, "wanted errors at {wanted:?}, got {got:?}\n{self}");
        self
    }
}

/// The `loc` of one validation error, its steps joined by slashes.
fn place(error: &Value) -> String {
    let steps = error["loc"].as_array().into_iter().flatten();
    let steps: Vec<String> =
        steps.map(|step| step.as_str().map_or_else(|| step.to_string(), str::to_owned)).collect();
    steps.join("/")
}

/// The longest body an assertion shows. Characters.
const SHOWN: usize = 4000;

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{}", self.request)?;
        writeln!(f, "{}", self.status)?;
        for (name, value) in &self.headers {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value.as_bytes()))?;
        }
        write!(f, "\n{:.SHOWN$}", self.text())
    }
}
