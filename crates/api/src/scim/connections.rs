//! Connections, for admins.

use actix_web::web::{Data, Json};
use rosterd_app::scim::connections::{self, Linkable, MadeConnection};
use rosterd_app::{Act, App};
use rosterd_domain::ids::ConnectionId;
use rosterd_domain::scim::{ConnectionInfo, LinkableUser};
use serde::Serialize;

use super::form::{ConnectionForm, NewConnectionForm, RotateConnectionForm};
use crate::auth::{Admin, Caller};
use crate::endpoint::List;
use crate::error::ApiError;
use crate::etag::{IfMatch, Tagged};
use crate::extract::{AskedPage, Body, Checked as _, PathId, Query, Strict, accept};

/// A connection with a new token. It is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MadeConnection)]
pub(crate) struct MadeConnectionBody {
    /// The token, which the identity provider sends.
    token: String,
    /// By which URL the identity provider reaches SCIM; null where neither `ROSTERD_PUBLIC_URL` nor the stored `WEBUI_URL` says by
    /// which URL people reach this server.
    url: Option<String>,
    #[serde(flatten)]
    info: ConnectionInfo,
}

impl From<MadeConnection> for MadeConnectionBody {
    fn from(made: MadeConnection) -> Self {
        Self { token: made.token.expose().to_owned(), url: made.url, info: made.info }
    }
}

/// A page of the accounts that a connection could be linked to.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct LinkableUsers {
    /// The accounts of the page, by e-mail address.
    users: Vec<LinkableUser>,
    /// How many there are on all pages.
    total: i64,
}

/// `GET /scim/connections`
pub(crate) async fn list_connections(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<List<ConnectionInfo>, ApiError> {
    Ok(List(app.snapshot(caller.into(), connections::list).await?))
}

/// `POST /scim/connections`
pub(crate) async fn create_connection(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<Strict<NewConnectionForm>>,
) -> Result<Json<MadeConnectionBody>, ApiError> {
    let draft = accept(&app, &caller, body.into_result().map(|form| form.0.into_draft())).await?;
    let made = app.write(caller.into(), move |act| connections::create(act, draft)).await?;
    Ok(Json(made.into()))
}

/// `GET /scim/connections/{id}`
pub(crate) async fn get_connection(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<ConnectionId>,
) -> Result<Tagged<ConnectionInfo>, ApiError> {
    Ok(app.snapshot(caller.into(), move |act| connections::get(act, &id.0)).await?.into())
}

/// `POST /scim/connections/{id}/update`
pub(crate) async fn update_connection(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<ConnectionId>,
    condition: IfMatch,
    body: Body<Strict<ConnectionForm>>,
) -> Result<Tagged<ConnectionInfo>, ApiError> {
    let update = accept(&app, &caller, body.into_result().map(|form| form.0.into_update())).await?;
    let update = move |act: &mut Act<'_>| connections::update_if(act, &id.0, update, &condition.0);
    Ok(app.write(caller.into(), update).await?.into())
}

/// `DELETE /scim/connections/{id}`
pub(crate) async fn delete_connection(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<ConnectionId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| connections::delete(act, &id.0)).await?;
    Ok(Json(true))
}

/// `POST /scim/connections/{id}/rotate`
pub(crate) async fn rotate_connection(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<ConnectionId>,
    body: Body<Strict<RotateConnectionForm>>,
) -> Result<Json<MadeConnectionBody>, ApiError> {
    let overlap = accept(&app, &caller, body).await?.0.overlap.unwrap_or_default();
    let made = app.write(caller.into(), move |act| connections::rotate(act, &id.0, overlap)).await?;
    Ok(Json(made.into()))
}

/// `GET /scim/connections/{id}/linkable`
pub(crate) async fn list_linkable(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<ConnectionId>,
    page: Query<AskedPage>,
) -> Result<Json<LinkableUsers>, ApiError> {
    let page = accept(&app, &caller, page).await?;
    let Linkable { total, users } =
        app.scan(caller.into(), move |act| connections::linkable(act, &id.0, page)).await?;
    Ok(Json(LinkableUsers { users, total }))
}
