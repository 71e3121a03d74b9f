//! Deleted accounts that are kept for a while (rules B1 to B5).

use std::collections::BTreeMap;

use actix_web::web::{Data, Json};
use rosterd_app::deleted::{self, RestoredUser};
use rosterd_app::{Act, App};
use rosterd_domain::deleted_user::{DeletedCursor, DeletedUserInfo, DeletionForecast};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::user::UserModel;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{AskedDeleted, PathId, Query, accept};

/// A page of deleted accounts, the last deleted first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DeletedUserPage {
    /// The accounts.
    users: Vec<DeletedUserInfo>,
    /// How many there are on all pages.
    #[schema(minimum = 0)]
    total: i64,
    /// Where the next page begins. Missing after the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// An account that came back.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RestoredUser)]
pub(crate) struct RestoredUserBody {
    /// The account.
    user: UserModel,
    /// Rows that are there again, and rows that lead to the account again, by table.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    restored: BTreeMap<String, i64>,
    /// Rows that could not come back because what they belong to is gone, by table.
    #[schema(value_type = std::collections::HashMap<String, i64>)]
    left_out: BTreeMap<String, i64>,
    /// Groups of which the account was a member and that are gone.
    groups_gone: Vec<GroupId>,
}

impl From<RestoredUser> for RestoredUserBody {
    fn from(restored: RestoredUser) -> Self {
        let RestoredUser { user, rows } = restored;
        Self { user, restored: rows.restored, left_out: rows.left_out, groups_gone: rows.groups_gone }
    }
}

/// `GET /users/{id}/deletion`
pub(crate) async fn forecast_deletion(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<DeletionForecast>, ApiError> {
    Ok(Json(app.scan(caller.into(), move |act| deleted::forecast(act, &id.0)).await?))
}

/// `GET /users/deleted`
pub(crate) async fn list_deleted(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<AskedDeleted>,
) -> Result<Json<DeletedUserPage>, ApiError> {
    let asked = accept(&app, &caller, query).await?;
    let (after, limit) = (asked.after, asked.limit);
    let list = move |act: &mut Act<'_>| deleted::list(act, after.as_ref(), limit);
    let page = app.scan(caller.into(), list).await?;
    let is_full = i64::try_from(page.users.len()).is_ok_and(|count| count >= limit);
    let next_cursor = page.users.last().filter(|_| is_full).map(|last| DeletedCursor::after(last).encode());
    Ok(Json(DeletedUserPage { users: page.users, total: page.total, next_cursor }))
}

/// `POST /users/deleted/{id}/restore`
pub(crate) async fn restore_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<RestoredUserBody>, ApiError> {
    let restored = app.write(caller.into(), move |act| deleted::restore(act, &id.0)).await?;
    Ok(Json(restored.into()))
}

/// `DELETE /users/deleted/{id}`
pub(crate) async fn purge_user(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
) -> Result<Json<bool>, ApiError> {
    app.write(caller.into(), move |act| deleted::purge(act, &id.0)).await?;
    Ok(Json(true))
}
