//! The caller's own variables (rule N11).

use actix_web::web::{Data, Json};
use rosterd_app::{App, variables};
use rosterd_domain::json::JsonObject;
use rosterd_domain::variables::UserVariables;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

use crate::auth::{Caller, Verified};
use crate::error::ApiError;
use crate::extract::{Body, Fault, FieldType, OrEmpty, Parts, accept, form};

/// Text by name, as it was sent: the rule judges names and values.
#[derive(Debug, Default)]
pub(crate) struct SentVariables(JsonObject);

impl FieldType for SentVariables {
    fn read(json: &str) -> Result<Self, Fault> {
        serde_json::from_str(json).map(Self).map_err(|_why| Fault::new("dict_type", "An object is needed."))
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(Type::String).max_length(Some(20_000));
        let name = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z][a-z0-9_]*$"));
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .property_names(Some(name))
            .additional_properties(Some(text))
            .into()
    }
}

form! {
    /// Variables in place of those that are stored.
    pub(crate) struct UserVariablesForm {
        /// All variables, text by name; absent: none. A name is a lower-case word (`[a-z][a-z0-9_]*`).
        variables: OrEmpty<SentVariables>,
    }
}

/// `GET /users/user/variables`
pub(crate) async fn get_variables(
    app: Data<App>,
    caller: Caller<Verified>,
) -> Result<Json<UserVariables>, ApiError> {
    Ok(Json(app.snapshot(caller.into(), variables::own).await?))
}

/// `POST /users/user/variables/update`
pub(crate) async fn update_variables(
    app: Data<App>,
    caller: Caller<Verified>,
    body: Body<UserVariablesForm>,
) -> Result<Json<UserVariables>, ApiError> {
    let SentVariables(sent) = accept(&app, &caller, body).await?.variables.0;
    Ok(Json(app.write(caller.into(), move |act| variables::replace(act, &sent)).await?))
}
