//! The document as a test reads it: finds the operation of a request, and judges an answer by it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

pub(crate) struct Spec {
    pub(crate) document: Value,
}

/// One operation.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) value: &'a Value,
}

impl<'a> Operation<'a> {
    pub(crate) fn id(&self) -> &'a str {
        self.value["operationId"].as_str().expect("an operation has an id")
    }
}

/// The document of this build.
pub(crate) fn spec() -> &'static Spec {
    static SPEC: LazyLock<Spec> = LazyLock::new(|| Spec { document: rosterd_api::openapi::document() });
    &SPEC
}

impl Spec {
    pub(crate) fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.document["paths"].as_object().expect("there are paths");
        paths.iter().flat_map(|(path, methods)| {
            let methods = methods.as_object().expect("a path has methods");
            methods.iter().map(move |(method, value)| Operation { path, method, value })
        })
    }

    pub(crate) fn by_id(&self, id: &str) -> Operation<'_> {
        self.operations().find(|it| it.id() == id).unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// The operation that answers a request; literal paths win.
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let path = path.split('?').next().unwrap_or_default();
        // Described without the slash at the end that some are answered with as well.
        let path = path.strip_suffix('/').unwrap_or(path);
        let fits = |template: &str| {
            template.split('/').count() == path.split('/').count()
                && template
                    .split('/')
                    .zip(path.split('/'))
                    .all(|(ours, theirs)| ours == "{id}" || ours == theirs)
        };
        let mut found: Vec<_> =
            self.operations().filter(|it| it.method.eq_ignore_ascii_case(method) && fits(it.path)).collect();
        found.sort_by_key(|it| it.path.contains("{id}"));
        found.first().copied()
    }

    /// Follows a `$ref`, if there is one.
    pub(crate) fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            None => value,
            Some(target) => {
                let found = self.document.pointer(target.trim_start_matches('#'));
                found.unwrap_or_else(|| panic!("{target} leads nowhere"))
            }
        }
    }

    /// What the document has against an answer; empty when nothing.
    pub(crate) fn problems(
        &self,
        of: Operation<'_>,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> Vec<String> {
        let declared = &of.value["responses"][status.to_string()];
        if declared.is_null() {
            return vec![format!("{}: status {status} is not described", of.id())];
        }
        let declared = self.resolve(declared);
        let content = &declared["content"];
        let media = content_type.split(';').next().unwrap_or_default();
        match content.get(media) {
            None if content.is_null() && body.is_empty() => Vec::new(),
            None => vec![format!("{}: {status} with a body of type {media:?} is not described", of.id())],
            Some(described) if media == "application/json" => match serde_json::from_slice(body) {
                Ok(json) => {
                    let mut faults = self.mismatches(&described["schema"], &json, of.id());
                    // The schema of errors is the same for all: which codes can come is told beside it.
                    let codes = declared.get("x-codes").and_then(Value::as_array);
                    if codes.is_some_and(|codes| !codes.contains(&json["code"])) {
                        faults.push(format!("{}: {status} {} is not described", of.id(), json["code"]));
                    }
                    faults
                }
                Err(why) => vec![format!("{}: the body is not JSON: {why}", of.id())],
            },
            Some(_) => Vec::new(),
        }
    }

    /// Where a value does not fit a schema of the document.
    pub(crate) fn mismatches(&self, schema: &Value, value: &Value, of: &str) -> Vec<String> {
        let whole = json!({ "allOf": [schema], "components": self.document["components"] });
        let validator =
            jsonschema::validator_for(&whole).unwrap_or_else(|e| panic!("{of}: not a schema: {e}"));
        let errors = validator.iter_errors(value);
        errors.map(|error| format!("{of}: {} at {:?}", error, error.instance_path().to_string())).collect()
    }

    /// The statuses of an operation with the schema of their JSON.
    pub(crate) fn json_schemas<'a>(&'a self, of: Operation<'a>) -> BTreeMap<u16, &'a Value> {
        let responses = of.value["responses"].as_object().expect("there are answers");
        responses
            .iter()
            .filter_map(|(status, response)| {
                let schema = self.resolve(response).pointer("/content/application~1json/schema")?;
                Some((status.parse().expect("a status is a number"), schema))
            })
            .collect()
    }
}
