//! Lists of users.

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{Stream, stream};
use rosterd_app::lists::{self, Page};
use rosterd_app::{App, AppError};
use rosterd_domain::user::{UserGroupIds, UserInfo};
use rosterd_storage::UserInfoChunks;
use serde::Serialize;

use crate::auth::{Admin, Caller, Verified};
use crate::error::ApiError;
use crate::extract::{ListParams, accept};
use crate::openapi::schemas;

/// `UserGroupIdsListResponse` and `UserInfoListResponse`.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct UserList<T> {
    /// The users, in the order asked for.
    users: Vec<T>,
    /// How many match in all.
    #[schema(minimum = 0)]
    total: i64,
    /// Where the next page begins; told to those who asked with `limit` or `cursor`, while there may be more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

impl<T> From<Page<T>> for UserList<T> {
    fn from(page: Page<T>) -> Self {
        Self { users: page.users, total: page.total, next_cursor: page.next_cursor }
    }
}

/// `GET /users/`
#[utoipa::path(
    get,
    path = "/api/v1/users/",
    operation_id = "getUsers",
    tag = "lists",
    summary = "A page of users",
    description = "",
    params(schemas::ListParameters),
    responses(
        (status = 200, description = "Whole records with their group ids.", body = UserList<UserGroupIds>),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!(["VALIDATION_ERROR"]))),
)]
pub(crate) async fn list_users(
    app: Data<App>,
    caller: Caller<Admin>,
    params: ListParams,
) -> Result<Json<UserList<UserGroupIds>>, ApiError> {
    let request = accept(&app, &caller, params).await?;
    Ok(Json(app.scan(caller.into(), move |act| lists::users(act, &request)).await?.into()))
}

/// `GET /users/search`
#[utoipa::path(
    get,
    path = "/api/v1/users/search",
    operation_id = "searchUsers",
    tag = "lists",
    summary = "Search for users",
    description = "",
    params(schemas::ListParameters),
    responses(
        (status = 200, description = "The narrow shape.", body = UserList<UserInfo>),
    ),
    extensions(("x-access" = json!("verified")), ("x-errors" = json!(["VALIDATION_ERROR"]))),
)]
pub(crate) async fn search_users(
    app: Data<App>,
    caller: Caller<Verified>,
    params: ListParams,
) -> Result<Json<UserList<UserInfo>>, ApiError> {
    let request = accept(&app, &caller, params).await?;
    Ok(Json(app.scan(caller.into(), move |act| lists::search(act, &request)).await?.into()))
}

/// `GET /users/all`: written as it is read, so that memory does not grow with the roster.
#[utoipa::path(
    get,
    path = "/api/v1/users/all",
    operation_id = "getAllUsers",
    tag = "lists",
    summary = "Everybody",
    description = "",
    responses(
        (status = 200, description = "Everybody in the narrow shape, newest first, written as it is read. A complete answer ends with `total`.", body = UserList<UserInfo>),
    ),
    extensions(("x-access" = json!("admin")), ("x-errors" = json!([]))),
)]
pub(crate) async fn list_all_users(app: Data<App>, caller: Caller<Admin>) -> Result<HttpResponse, ApiError> {
    let now = app.now();
    let mut chunks = app.stream_user_infos(caller.into()).await?;
    // The first chunk decides the status: a database that fails at once is answered with an error, not with the
    // beginning of a list.
    let first = chunks.recv().await.transpose().map_err(AppError::from)?;
    let body = Roster { pending: first, chunks, now, total: 0, state: State::Opening };
    Ok(HttpResponse::Ok().content_type("application/json").streaming(body.into_stream()))
}

/// The JSON text of everybody, as it comes.
struct Roster {
    pending: Option<Vec<UserInfo>>,
    chunks: UserInfoChunks,
    now: i64,
    total: i64,
    state: State,
}

#[derive(PartialEq)]
enum State {
    Opening,
    Listing,
    Closed,
}

impl Roster {
    fn into_stream(self) -> impl Stream<Item = Result<Bytes, ApiError>> {
        stream::unfold(self, |mut roster| async move {
            match roster.next_piece().await {
                Ok(None) => None,
                Ok(Some(piece)) => Some((Ok(piece), roster)),
                Err(error) => {
                    // The status is long sent. Breaking the connection off is what tells the client.
                    tracing::error!(target: "rosterd::failure", %error, "a list of all users broke off");
                    roster.state = State::Closed;
                    Some((Err(error), roster))
                }
            }
        })
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>, ApiError> {
        let mut piece = BytesMut::new();
        match self.state {
            State::Closed => return Ok(None),
            State::Opening => {
                piece.put_slice(b"{\"users\":[");
                self.state = State::Listing;
            }
            State::Listing => self.pending = self.chunks.recv().await.transpose().map_err(AppError::from)?,
        }
        if let Some(users) = self.pending.take() {
            self.write(users, &mut piece)?;
        } else {
            piece.put_slice(format!("],\"total\":{}}}", self.total).as_bytes());
            self.state = State::Closed;
        }
        Ok(Some(piece.freeze()))
    }

    fn write(&mut self, users: Vec<UserInfo>, piece: &mut BytesMut) -> Result<(), ApiError> {
        for user in users {
            if self.total > 0 {
                piece.put_u8(b',');
            }
            self.total += 1;
            serde_json::to_writer(piece.writer(), &user.with_current_status(self.now))
                .map_err(|_why| AppError::Internal("a user could not be written as JSON"))?;
        }
        Ok(())
    }
}
