//! What events are made of, and what becomes of a write.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Event;

/// What became of a write, see [`Act::change_and_tell`](crate::Act::change_and_tell). There is no way to leave it open: a
/// write that tells nothing says why.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It changed something, and this is told of it.
    Changed(Event),
    /// It changed nothing.
    Unchanged(Unchanged),
    /// All that it changed is told by another event of the same use case.
    ToldApart,
}

/// Why a write changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unchanged {
    /// What was to be changed or removed is not there.
    NothingThere,
    /// Everything is already as it was to become.
    Same,
}

impl Outcome {
    /// The event, if something changed.
    #[must_use]
    pub fn changed_if(changed: bool, event: Event, otherwise: Unchanged) -> Self {
        if changed { Self::Changed(event) } else { Self::Unchanged(otherwise) }
    }
}

/// Fields that changed, each with what it was and what it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes(pub(super) Map<String, Value>);

impl Changes {
    /// One more field, if it did change. `None` is null.
    #[must_use]
    pub fn of(mut self, field: &str, before: impl Serialize, after: impl Serialize) -> Self {
        let (before, after) = (plain(before), plain(after));
        if before != after {
            self.0.insert(field.to_owned(), json!({ "before": before, "after": after }));
        }
        self
    }

    /// One more field of which only is told that it changed: long, or nobody else's business.
    #[must_use]
    pub fn named(mut self, field: &str, changed: bool) -> Self {
        if changed {
            self.0.insert(field.to_owned(), Value::Null);
        }
        self
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Texts, numbers, switches and lists of them always have a JSON form.
fn plain(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// Whom or what an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject<'a> {
    /// `user`, `group`, `permissions`, `config`, `database`, `webhook`, `connection`, `mail` or `call`.
    pub kind: &'static str,
    /// Its id, where there is more than one of the kind.
    pub id: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub(super) const fn new(kind: &'static str, id: &'a str) -> Self {
        Self { kind, id: Some(id) }
    }

    /// An object of `kind` and, where there is one, `id`.
    pub(crate) fn to_json(self) -> Value {
        match self.id {
            Some(id) => json!({ "kind": self.kind, "id": id }),
            None => json!({ "kind": self.kind }),
        }
    }
}
