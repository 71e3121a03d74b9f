//! An operation of the OpenAPI document, while it is put together.

use std::collections::BTreeMap;

use actix_web::http::Method;
use rosterd_app::Access;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::line::{Document, Line};
use super::{Failure, failure};

/// The schemas that the document knows by name.
#[derive(Debug, Default)]
pub(crate) struct Schemas(BTreeMap<String, Value>);

impl Schemas {
    /// Takes in a type with all that it is made of, and gives what refers to it.
    pub(crate) fn reference<T: ToSchema>(&mut self) -> Value {
        let name = T::name();
        let schema = value_of(T::schema());
        // What JSON has a word for needs no name.
        if name == "bool" {
            return schema;
        }
        let mut parts = Vec::new();
        T::schemas(&mut parts);
        self.0.extend(parts.into_iter().map(|(name, schema)| (name, value_of(schema))));
        self.0.insert(name.to_string(), schema);
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// All of them, by name.
    pub(crate) fn into_map(self) -> Map<String, Value> {
        self.0.into_iter().collect()
    }
}

fn value_of(schema: impl serde::Serialize) -> Value {
    // A schema always has a JSON form.
    serde_json::to_value(schema).unwrap_or_default()
}

/// An operation, to which the types of its handler add what they know.
pub(crate) struct Operation<'a> {
    method: Method,
    schemas: &'a mut Schemas,
    parameters: Vec<Value>,
    body: Option<Value>,
    answers: BTreeMap<u16, Value>,
    failures: Vec<Failure>,
}

#[cfg(feature = "openapi")]
impl<'a> Operation<'a> {
    /// The operation of a line in the document: its value, with shared answers put among `responses`. `None` for a page.
    pub(crate) fn of(
        line: &Line,
        tag: &str,
        schemas: &'a mut Schemas,
        responses: &mut Map<String, Value>,
    ) -> Option<Value> {
        let document = line.document.as_ref()?;
        let mut operation = Self {
            method: line.method.clone(),
            schemas,
            parameters: Vec::new(),
            body: None,
            answers: BTreeMap::new(),
            failures: document.failures.to_vec(),
        };
        (document.signature)(&mut operation);
        Some(operation.finish(line, document, tag, responses))
    }
}

impl Operation<'_> {
    /// The method it is asked for by.
    pub(crate) fn method(&self) -> &Method {
        &self.method
    }

    /// A type's schema, by reference.
    pub(crate) fn schema<T: ToSchema>(&mut self) -> Value {
        self.schemas.reference::<T>()
    }

    /// A parameter, as OpenAPI has it.
    pub(crate) fn parameter(&mut self, parameter: Value) {
        self.parameters.push(parameter);
    }

    /// A header that may be sent.
    pub(crate) fn header(&mut self, name: &str, description: &str) {
        self.parameter(json!({
            "name": name, "in": "header", "description": description, "required": false,
            "schema": { "type": "string" },
        }));
    }

    /// A JSON body of this type, which must be sent.
    pub(crate) fn body<T: ToSchema>(&mut self) {
        let schema = self.schema::<T>();
        self.body =
            Some(json!({ "content": { "application/json": { "schema": schema } }, "required": true }));
    }

    /// A body of one of these media types, which must be sent.
    pub(crate) fn file(&mut self, content: &Value) {
        self.body = Some(json!({ "content": content, "required": true }));
    }

    /// What else it can fail with.
    pub(crate) fn fails(&mut self, failures: &[Failure]) {
        self.failures.extend_from_slice(failures);
    }

    /// Answers 200 with JSON. What it holds, the line of the table says.
    pub(crate) fn answers_json(&mut self, schema: &Value, headers: Value) {
        self.answers(200, "", json!({ "application/json": { "schema": schema } }), headers);
    }

    /// Answers a status with this content, `null` for none, and these headers.
    pub(crate) fn answers(&mut self, status: u16, description: &str, content: Value, mut headers: Value) {
        headers["x-request-id"] = json!({ "$ref": "#/components/headers/RequestId" });
        let mut answer = Map::new();
        answer.insert("description".to_owned(), json!(description));
        answer.insert("headers".to_owned(), headers);
        if !content.is_null() {
            answer.insert("content".to_owned(), content);
        }
        self.answers.insert(status, Value::Object(answer));
    }

    fn finish(
        mut self,
        line: &Line,
        document: &Document,
        tag: &str,
        responses: &mut Map<String, Value>,
    ) -> Value {
        if let Some(answer) = self.answers.get_mut(&200) {
            answer["description"] = json!(document.answer);
        }
        let mut by_status = BTreeMap::<u16, Vec<Failure>>::new();
        self.failures.sort_unstable();
        self.failures.dedup();
        for failure in self.failures {
            by_status.entry(failure.sample().status().as_u16()).or_default().push(failure);
        }
        for (status, failures) in by_status {
            let name = failure::response(status, &failures, responses);
            self.answers.insert(status, json!({ "$ref": format!("#/components/responses/{name}") }));
        }
        let answers = self.answers.into_iter().map(|(status, answer)| (status.to_string(), answer));
        let mut value = Map::new();
        let mut put = |key: &str, part: Value| value.insert(key.to_owned(), part);
        put("tags", json!([tag]));
        put("summary", json!(document.summary));
        let also = line.also.map(|path| format!("`{path}` is answered as well."));
        let text =
            [Some(document.note.to_owned()), also].into_iter().flatten().filter(|part| !part.is_empty());
        let text = text.collect::<Vec<_>>().join(" ");
        if !text.is_empty() {
            put("description", json!(text));
        }
        put("operationId", json!(document.id));
        if !self.parameters.is_empty() {
            put("parameters", json!(self.parameters));
        }
        if let Some(body) = self.body {
            put("requestBody", body);
        }
        put("responses", Value::Object(answers.collect()));
        put("x-access", json!(access_word(line.access)));
        put(
            "security",
            match line.access {
                None => json!([]),
                Some(Access::Connection) => json!([{ "scim": [] }]),
                Some(_) => json!([{ "bearer": [] }, { "cookie": [] }, { "apiKey": [] }]),
            },
        );
        Value::Object(value)
    }
}

/// Who may call, in the document's word.
fn access_word(access: Option<Access>) -> &'static str {
    match access {
        None => "anybody",
        Some(Access::Authenticated) => "account",
        Some(Access::Verified) => "verified",
        Some(Access::Admin) => "admin",
        Some(Access::Connection) => "connection",
    }
}
