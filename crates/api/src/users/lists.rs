//! Lists of users.

use std::borrow::Cow;

use actix_web::HttpResponse;
use actix_web::web::{Data, Json};
use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{Stream, stream};
use rosterd_app::lists::{self, UserPage};
use rosterd_app::{App, AppError};
use rosterd_domain::list::ListQuery;
use rosterd_domain::user::{UserGroupIds, UserInfo};
use rosterd_storage::UserInfoChunks;
use serde::Serialize;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::{Made, Streamed};
use crate::error::ApiError;
use crate::extract::{NarrowedList, Query, accept};

/// A list page of users: `UserGroupIdsListResponse` or `UserInfoListResponse`.
#[derive(Debug, Serialize)]
pub(crate) struct UserPageBody<T> {
    users: Vec<T>,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An entry of such a list, which knows how the list is called.
pub(crate) trait Listed: ToSchema {
    /// The schema's name.
    const LIST: &'static str;
}

impl Listed for UserGroupIds {
    const LIST: &'static str = "UserGroupIdsListResponse";
}

impl Listed for UserInfo {
    const LIST: &'static str = "UserInfoListResponse";
}

/// By hand: a derive would name the list after its type in Rust.
impl<T: Listed> PartialSchema for UserPageBody<T> {
    fn schema() -> RefOr<Schema> {
        let users = ArrayBuilder::new()
            .items(Ref::from_schema_name(T::name()))
            .description(Some("The users, in the order asked for."));
        let total = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
            .minimum(Some(0))
            .description(Some("The total number of matches."));
        let next_cursor = ObjectBuilder::new().schema_type(Type::String).description(Some(
            "Where the next page begins. Present if the request had `limit` or `cursor` and there may be more rows.",
        ));
        ObjectBuilder::new()
            .description(Some("A list page of users, and the total number of matches."))
            .property("users", users)
            .property("total", total)
            .property("next_cursor", next_cursor)
            .required("users")
            .required("total")
            .into()
    }
}

impl<T: Listed> ToSchema for UserPageBody<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::LIST)
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<T> From<UserPage<T>> for UserPageBody<T> {
    fn from(page: UserPage<T>) -> Self {
        Self { users: page.users, total: page.total, next_cursor: page.next_cursor }
    }
}

/// `GET /users/`
pub(crate) async fn list_users(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<NarrowedList>,
) -> Result<Json<UserPageBody<UserGroupIds>>, ApiError> {
    let query = accept(&app, &caller, query).await?;
    Ok(Json(lists::users(&app, caller.into(), query).await?.into()))
}

/// `GET /users/search`
pub(crate) async fn search_users(
    app: Data<App>,
    caller: Caller<Verified>,
    query: Query<ListQuery>,
) -> Result<Json<UserPageBody<UserInfo>>, ApiError> {
    let query = accept(&app, &caller, query).await?;
    Ok(Json(lists::search(&app, caller.into(), query).await?.into()))
}

/// `GET /users/all`: written as it is read, so that memory does not grow with the roster.
pub(crate) async fn list_all_users(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Made<Streamed<UserPageBody<UserInfo>>>, ApiError> {
    let now = app.now();
    let streaming = app.apart();
    let mut chunks = app.stream_user_infos(caller.into()).await?;
    // The first chunk decides the status: a database that fails at once is answered with an error, not with the
    // beginning of a list.
    let first = chunks.recv().await.transpose().map_err(AppError::from)?;
    let body = Roster { app: streaming, pending: first, chunks, now, total: 0, state: State::Opening };
    Ok(HttpResponse::Ok().content_type("application/json").streaming(body.into_stream()).into())
}

/// The JSON text of everybody, as it comes.
struct Roster {
    app: App,
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
                    tracing::error!(target: "rosterd::failure", %error, "the list of all users was interrupted");
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
            serde_json::to_writer(piece.writer(), &self.app.shown_info(user, self.now))
                .map_err(|_why| AppError::Internal("a user could not be written as JSON"))?;
        }
        Ok(())
    }
}
