//! Lists of users.

use actix_web::HttpResponse;
use actix_web::web::Data;
use bytes::Bytes;
use futures_util::{Stream, stream};
use rosterd_app::{App, AppError, lists};
use rosterd_domain::list::{ListQuery, Listed, UserPage};
use rosterd_domain::user::{UserGroupIds, UserInfo};
use rosterd_storage::UserInfoChunks;

use crate::auth::{Admin, Caller, Verified};
use crate::endpoint::{Made, Written};
use crate::error::ApiError;
use crate::extract::{NarrowedList, Query, accept};

/// `GET /users/`
pub(crate) async fn list_users(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<NarrowedList>,
) -> Result<Made<Written<UserPage<UserGroupIds>>>, ApiError> {
    let query = accept(&app, &caller, query).await?;
    answer(lists::users(&app, caller.into(), query, |page| Listed::page_to_json(&page)).await?)
}

/// `GET /users/search`
pub(crate) async fn search_users(
    app: Data<App>,
    caller: Caller<Verified>,
    query: Query<ListQuery>,
) -> Result<Made<Written<UserPage<UserInfo>>>, ApiError> {
    let query = accept(&app, &caller, query).await?;
    answer(lists::search(&app, caller.into(), query, |page| Listed::page_to_json(&page)).await?)
}

fn answer<T>(text: serde_json::Result<Vec<u8>>) -> Result<Made<Written<UserPage<T>>>, ApiError> {
    let text = text.map_err(|_why| UNWRITTEN)?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text).into())
}

const UNWRITTEN: AppError = AppError::Internal("a user could not be written as JSON");

/// `GET /users/all`: written as it is read, so that memory does not grow with the roster.
pub(crate) async fn list_all_users(
    app: Data<App>,
    caller: Caller<Admin>,
) -> Result<Made<Written<UserPage<UserInfo>>>, ApiError> {
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
        let mut piece = Vec::new();
        match self.state {
            State::Closed => return Ok(None),
            State::Opening => {
                piece.extend_from_slice(b"{\"users\":[");
                self.state = State::Listing;
            }
            State::Listing => self.pending = self.chunks.recv().await.transpose().map_err(AppError::from)?,
        }
        if let Some(users) = self.pending.take() {
            self.write(users, &mut piece)?;
        } else {
            piece.extend_from_slice(format!("],\"total\":{}}}", self.total).as_bytes());
            self.state = State::Closed;
        }
        Ok(Some(piece.into()))
    }

    fn write(&mut self, users: Vec<UserInfo>, piece: &mut Vec<u8>) -> Result<(), ApiError> {
        for user in users {
            if self.total > 0 {
                piece.push(b',');
            }
            self.total += 1;
            self.app.shown_info(user, self.now).append_json(piece).map_err(|_why| UNWRITTEN)?;
        }
        Ok(())
    }
}
