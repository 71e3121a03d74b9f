//! Reading requests: bodies, query strings and paths. All wrong fields are listed.

mod body;
mod by_dialect;
mod cargo;
mod deleted;
mod deliveries;
mod depth;
mod events;
mod field;
mod field_type;
mod fields;
mod form;
mod groups;
mod list;
mod mails;
mod outbox_page;
mod pages;
mod path;
mod query;
mod switch;
mod transfer;
mod usage;
mod values;

pub(crate) use body::{Body, collect_json, json_text, no_json};
pub(crate) use by_dialect::{ByDialect, accept_in_dialect};
pub(crate) use cargo::Cargo;
pub(crate) use deleted::AskedDeleted;
pub(crate) use deliveries::AskedDeliveries;
pub(crate) use events::{AskedEvents, EventFormat, OwnEvents, StreamedEvents};
pub(crate) use field::{Field, FormShape, OrEmpty};
pub(crate) use field_type::{Fault, FieldType, Parts};
pub(crate) use fields::{Fields, Sent, object};
pub(crate) use form::{Form, Inner, New, Strict, form};
pub(crate) use groups::Share;
pub(crate) use list::NarrowedList;
pub(crate) use mails::AskedMails;
pub(crate) use pages::AskedPage;
pub(crate) use path::{PathId, Provider, SubId};
pub(crate) use query::Query;
pub(crate) use switch::{Explain, IncludeInherited, Purge, Raw};
pub(crate) use transfer::{AskedExport, AskedImport};
pub(crate) use values::{AsStored, NAME_PATTERN, Text, name_fault, reference};

use rosterd_app::App;

use crate::auth::{Caller, Right};
use crate::error::ApiError;

/// Input that was read and may be faulty. The fault waits until the caller is known to be allowed to use the
/// endpoint: see [`accept`].
pub(crate) trait Checked {
    /// What the input is when it is right.
    type Value;

    /// The input or its fault.
    ///
    /// # Errors
    /// What is wrong with the input: 413, 415 or 422.
    fn into_result(self) -> Result<Self::Value, ApiError>;
}

impl<T> Checked for Result<T, ApiError> {
    type Value = T;

    fn into_result(self) -> Self {
        self
    }
}

/// The input of a request, or what is wrong with it, which only a caller who may use the endpoint gets to read.
///
/// # Errors
/// The 401 of a caller who may not, else the fault of the input.
pub(crate) async fn accept<R: Right, C: Checked>(
    app: &App,
    caller: &Caller<R>,
    input: C,
) -> Result<C::Value, ApiError> {
    match input.into_result() {
        Ok(value) => Ok(value),
        Err(fault) => {
            app.me(caller.who()).await?;
            Err(fault)
        }
    }
}
