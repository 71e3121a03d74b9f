//! One thing done to many accounts (rule R7).

use actix_web::HttpRequest;
use actix_web::web::{Data, Json};
use rosterd_app::App;
use rosterd_app::many::{self, Outcome};
use rosterd_domain::ids::UserId;
use serde::Serialize;
use utoipa::ToSchema;

use super::many_form::ManyUsersForm;
use crate::auth::{Admin, Caller};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Body, Strict, accept};
use crate::telemetry;

/// What came of it, for each account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManyUsersAnswer {
    /// How many accounts were chosen: different ids, or all whom the query finds.
    #[schema(minimum = 0)]
    matched: i64,
    /// Whether the query finds more than the 1,000 that were worked on.
    more: bool,
    /// Where the next 1,000 begin; only if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// For how many it was done.
    #[schema(minimum = 0)]
    done: usize,
    /// For how many it was not.
    #[schema(minimum = 0)]
    refused: usize,
    /// Each account, in the order of the ids or of the list.
    results: Vec<ManyUsersResult>,
}

/// What came of it for one account.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ManyUsersResult {
    /// The id.
    #[schema(value_type = String)]
    id: UserId,
    /// Whether it is as asked now.
    ok: bool,
    /// If it is not: the status that the call for this account alone would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// If it is not: the error that the call for this account alone would answer with.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorBody>,
}

impl ManyUsersResult {
    fn done(id: UserId) -> Self {
        Self { id, ok: true, status: None, error: None }
    }

    fn refused(id: UserId, error: &ApiError) -> Self {
        Self { id, ok: false, status: Some(error.status().as_u16()), error: Some(error.brief()) }
    }
}

impl ManyUsersAnswer {
    /// The answer. Failures of ours go to the log, as those of other answers do.
    fn of(outcome: Outcome, request: &HttpRequest) -> Self {
        let Outcome { matched, next_cursor, results, unreached } = outcome;
        let mut shown = Vec::with_capacity(results.len());
        for (id, result) in results {
            shown.push(match result {
                Ok(()) => ManyUsersResult::done(id),
                Err(error) => {
                    let error = ApiError::from(error);
                    telemetry::tell_failure_within(request, &error);
                    ManyUsersResult::refused(id, &error)
                }
            });
        }
        if let Some((ids, error)) = unreached {
            let error = ApiError::from(error);
            telemetry::tell_failure_within(request, &error);
            shown.extend(ids.into_iter().map(|id| ManyUsersResult::refused(id, &error)));
        }
        let done = shown.iter().filter(|result| result.ok).count();
        let refused = shown.len() - done;
        Self { matched, more: next_cursor.is_some(), next_cursor, done, refused, results: shown }
    }
}

/// `POST /users/bulk`
pub(crate) async fn change_many_users(
    app: Data<App>,
    caller: Caller<Admin>,
    request: HttpRequest,
    body: Body<Strict<ManyUsersForm>>,
) -> Result<Json<ManyUsersAnswer>, ApiError> {
    let Strict(form) = accept(&app, &caller, body).await?;
    let (chosen, action) = accept(&app, &caller, form.read()).await?;
    let outcome = many::change(&app, caller.into(), chosen, action).await?;
    Ok(Json(ManyUsersAnswer::of(outcome, &request)))
}
