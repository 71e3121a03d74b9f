//! Sends recorded requests: fills in names and saved variables, signs tokens, makes the answer comparable.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as URL_SAFE_NO_PAD;
use reqwest::header::{
    AUTHORIZATION, CONTENT_DISPOSITION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, LOCATION, SET_COOKIE,
};
use reqwest::{Method, Url};
use rosterd_domain::clock::{Clock as _, SystemClock};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::exchange::{Answer, Auth, Exchange};
use super::normal::Normalizer;
use crate::fixtures::Actors;
use crate::http;
use crate::token::{LIFE_SECONDS, sign, unsigned};

/// One run through a recording, with the variables saved so far.
pub(super) struct Player {
    base_url: String,
    client: reqwest::Client,
    actors: &'static Actors,
    normalizer: Normalizer,
    /// What `save` kept: JSON, since an answer's `null` may be kept too.
    saved: BTreeMap<String, Value>,
}

impl Player {
    pub(super) fn new(base_url: &str) -> Self {
        let actors = Actors::recorded();
        Self {
            base_url: base_url.trim_end_matches('/').to_owned(),
            client: http::client(),
            actors,
            normalizer: Normalizer::new(actors),
            saved: BTreeMap::new(),
        }
    }

    /// Sends one request. `Err`: why it could not be sent or answered.
    pub(super) async fn play(&mut self, exchange: &Exchange) -> Result<Answer, String> {
        let now = SystemClock.now();
        let method = Method::from_bytes(exchange.method.as_bytes()).map_err(|e| e.to_string())?;
        let mut request = self.client.request(method, self.url(exchange)?);
        if let Some((name, value)) = self.credential(exchange, now)? {
            request = request.header(name, value);
        }
        for (name, value) in &exchange.headers {
            request = request.header(name, self.fill(value)?);
        }
        let body = match (&exchange.raw, &exchange.body) {
            (Some(raw), _) => Some(raw.clone()),
            (None, Some(body)) => Some(self.fill_json(body)?.to_string()),
            (None, None) => None,
        };
        if let Some(body) = body {
            let content_type = exchange.content_type.as_deref().unwrap_or("application/json");
            request = request.header(CONTENT_TYPE, content_type).body(body);
        }
        let response = request.send().await.map_err(|e| http::causes(&e))?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let bytes = response.bytes().await.map_err(|e| http::causes(&e))?;
        Ok(self.answer(exchange, status, &headers, &bytes, now))
    }

    fn answer(
        &mut self,
        exchange: &Exchange,
        status: u16,
        headers: &HeaderMap,
        bytes: &[u8],
        now: i64,
    ) -> Answer {
        let mut answer = Answer { status, ..Answer::default() };
        let content_type = header(headers, &CONTENT_TYPE).unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default();
        if content_type == "application/json" {
            let value = serde_json::from_slice(bytes).unwrap_or_else(|_| Value::from("<not json>"));
            let at = |path: &str| path.split('.').try_fold(&value, |inner, key| inner.as_object()?.get(key));
            for (name, path) in &exchange.save {
                self.saved.insert(name.clone(), at(path).cloned().unwrap_or_default());
            }
            let token = exchange.claims_of.as_deref().map(|path| at(path).and_then(Value::as_str));
            answer.claims =
                token.map(|token| self.normalizer.claims(token.and_then(claims_of).as_ref(), now));
            answer.json = Some(self.normalizer.answer(&value, now));
        } else {
            answer.content_type = Some(content_type.to_owned());
            if !bytes.is_empty() && !exchange.ignore_bytes {
                answer.sha256 = Some(hex(&Sha256::digest(bytes)));
            }
        }
        answer.cookies = exchange.cookies.then(|| cookies(headers));
        // A redirect to the path with a slash is a detail of the server's router.
        if !matches!(status, 307 | 308) {
            answer.location = header(headers, &LOCATION);
            answer.content_disposition = header(headers, &CONTENT_DISPOSITION);
        }
        answer
    }

    fn url(&self, exchange: &Exchange) -> Result<Url, String> {
        let path = http::encode_path(&self.fill(&exchange.path)?);
        let mut url = Url::parse(&format!("{}{path}", self.base_url)).map_err(|e| e.to_string())?;
        for (name, value) in &exchange.query {
            let value = match self.fill_json(value)? {
                Value::String(text) => text,
                other => other.to_string(),
            };
            url.query_pairs_mut().append_pair(name, &value);
        }
        Ok(url)
    }

    /// The header that shows the caller to the server.
    fn credential(&self, exchange: &Exchange, now: i64) -> Result<Option<(HeaderName, String)>, String> {
        let name = exchange.caller.as_deref().unwrap_or_default();
        let saved = self.saved.get(name).and_then(Value::as_str);
        let user = self.actors.users.get(name).map(String::as_str).or(saved).unwrap_or(name);
        let secret = self.actors.secret.as_bytes();
        let exp = now + LIFE_SECONDS;
        let mut good = json!({ "id": user, "jti": format!("jti-{name}-{now}"), "exp": exp });
        if let Value::Object(good) = &mut good {
            good.extend(exchange.claims.clone());
        }
        let token = match exchange.auth {
            Auth::None => return Ok(None),
            Auth::Bearer | Auth::LowercaseBearer | Auth::Basic | Auth::Cookie => sign(&good, secret),
            Auth::Apikey => self.actors.api_keys.get(name).map_or("sk-unknown", String::as_str).to_owned(),
            Auth::Var => saved.ok_or_else(|| format!("variable {name} was never saved"))?.to_owned(),
            Auth::NoExp => sign(&json!({ "id": user, "jti": "jti-forever" }), secret),
            Auth::Expired => sign(&json!({ "id": user, "jti": "j", "exp": now - 60 }), secret),
            Auth::WrongSecret => {
                sign(&json!({ "id": user, "jti": "j", "exp": exp }), &[b"not-", secret].concat())
            }
            Auth::AlgNone => unsigned(&json!({ "id": user, "jti": "j", "exp": exp })),
            Auth::NoId => sign(&json!({ "sub": user, "exp": exp }), secret),
            Auth::Garbage => "not.a.token".to_owned(),
        };
        Ok(Some(match exchange.auth {
            Auth::Cookie => (COOKIE, format!("token={token}")),
            Auth::LowercaseBearer => (AUTHORIZATION, format!("bearer {token}")),
            Auth::Basic => (AUTHORIZATION, format!("Basic {token}")),
            _ => (AUTHORIZATION, format!("Bearer {token}")),
        }))
    }

    /// Replaces `{user:alice}`, `{group:engineering}`, `{chat:shared}`, `{apikey:alice}` and `{variable}`.
    /// Braces around anything else stay.
    pub(super) fn fill(&self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, from_brace) = rest.split_at(open);
            filled.push_str(before);
            let name = from_brace.find('}').map(|close| &from_brace[1..close]).filter(|name| is_name(name));
            let taken = if let Some(name) = name {
                filled.push_str(self.look_up(name)?);
                name.len() + 2
            } else {
                filled.push('{');
                1
            };
            rest = &from_brace[taken..];
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn look_up(&self, name: &str) -> Result<&str, String> {
        let (kind, key) = name.split_once(':').unwrap_or((name, ""));
        let table = match kind {
            "user" => &self.actors.users,
            "group" => &self.actors.groups,
            "chat" => &self.actors.chats,
            "apikey" => &self.actors.api_keys,
            variable => {
                let saved = self.saved.get(variable).and_then(Value::as_str);
                return saved.ok_or_else(|| format!("variable {variable} was never saved"));
            }
        };
        table.get(key).map(String::as_str).ok_or_else(|| format!("nobody knows {name}"))
    }

    fn fill_json(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => Value::from(self.fill(text)?),
            Value::Array(items) => items.iter().map(|item| self.fill_json(item)).collect::<Result<_, _>>()?,
            Value::Object(object) => object
                .iter()
                .map(|(key, inner)| Ok((key.clone(), self.fill_json(inner)?)))
                .collect::<Result<_, String>>()?,
            other => other.clone(),
        })
    }
}

/// `[a-z_]+`, then perhaps `:[a-z0-9]+`.
fn is_name(text: &str) -> bool {
    let (kind, key) = text.split_once(':').map_or((text, None), |(kind, key)| (kind, Some(key)));
    let all = |text: &str, allowed: fn(u8) -> bool| !text.is_empty() && text.bytes().all(allowed);
    all(kind, |b| b.is_ascii_lowercase() || b == b'_')
        && key.is_none_or(|key| all(key, |b| b.is_ascii_lowercase() || b.is_ascii_digit()))
}

/// The claims that a token holds, whoever signed it.
fn claims_of(token: &str) -> Option<Value> {
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice(&claims).ok()
}

/// What `Set-Cookie` does to each cookie: its attributes in the order of their names, without times, or `cleared`.
fn cookies(headers: &HeaderMap) -> Value {
    let lines = headers.get_all(SET_COOKIE).iter().map(|line| String::from_utf8_lossy(line.as_bytes()));
    let done = lines.map(|line| {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|first| first.split_once('=')).unwrap_or_default();
        let mut attributes: Vec<_> = parts.map(str::to_lowercase).collect();
        attributes.sort();
        let is_over = matches!(value, "" | "\"\"") || attributes.iter().any(|it| it == "max-age=0");
        attributes.retain(|attribute| !attribute.starts_with("expires"));
        let told =
            attributes.iter().map(|it| if it.starts_with("max-age") { "max-age" } else { it.as_str() });
        let told = told.collect::<Vec<_>>().join("; ");
        (name.to_owned(), Value::from(if is_over { "cleared".to_owned() } else { told }))
    });
    Value::Object(done.collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn header(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}
