//! Bodies that are read differently for older front ends.

use std::borrow::Cow;

use rosterd_app::App;
use rosterd_domain::dialect::Dialect;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::Schema;
use utoipa::{PartialSchema, ToSchema};

use super::cargo::Cargo;
use super::form::Form;
use super::{Body, Parts, accept};
use crate::auth::{Caller, Right};
use crate::error::ApiError;

/// A body in both readings, since the dialect is not known where it is read. The document describes that of the newest.
#[derive(Debug)]
pub(crate) struct ByDialect<Older, Newest> {
    older: Result<Older, ApiError>,
    newest: Result<Newest, ApiError>,
}

impl<Older: Form, Newest: Form> Form for ByDialect<Older, Newest> {
    const CARRIES: Cargo = Older::CARRIES.or(Newest::CARRIES);

    fn read(json: &str) -> Result<Self, ApiError> {
        Ok(Self { older: Older::read(json), newest: Newest::read(json) })
    }
}

impl<Older, Newest: ToSchema> PartialSchema for ByDialect<Older, Newest> {
    fn schema() -> RefOr<Schema> {
        Newest::schema()
    }
}

impl<Older, Newest: ToSchema> ToSchema for ByDialect<Older, Newest> {
    fn name() -> Cow<'static, str> {
        Newest::name()
    }

    fn schemas(schemas: &mut Parts) {
        Newest::schemas(schemas);
    }
}

/// As [`accept`], in the reading of the database's dialect.
///
/// # Errors
/// As [`accept`].
pub(crate) async fn accept_in_dialect<R: Right, Older: Form, Newest: Form + From<Older>>(
    app: &App,
    caller: &Caller<R>,
    body: Body<ByDialect<Older, Newest>>,
) -> Result<Newest, ApiError> {
    let ByDialect { older, newest } = accept(app, caller, body).await?;
    let form = match app.dialect() {
        Dialect::V0_6 => older.map(Newest::from),
        Dialect::V0_12 => newest,
    };
    accept(app, caller, form).await
}
