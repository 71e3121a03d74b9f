//! The search over users and groups together.

use actix_web::web::Data;
use rosterd_app::App;
use rosterd_app::scim::search;
use rosterd_scim::{ListQuery, ResourceKind, ScimError, list_response};

use super::{LIMITS, Listing, Provider, ScimAnswer, ScimBody, ScimFailure};
use crate::endpoint::{Line, post};

pub(super) fn routes() -> Vec<Line> {
    vec![post("/scim/v2/.search", "searchScim", search_all).also("/api/v1/scim/v2/.search").doc(
        "Search users and groups of the connection",
        "Users come first, then groups. Where the filter or the order names what only one of them has, there is nothing of the other.",
    )]
}

/// `POST /.search`
async fn search_all(
    app: Data<App>,
    provider: Provider,
    body: ScimBody,
) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let queries = body.read(|sent| {
        let of = |kind| ListQuery::from_search(kind, sent, LIMITS);
        match (of(ResourceKind::User), of(ResourceKind::Group)) {
            (Err(why), Err(_)) => Err::<_, ScimError>(why),
            (users, groups) => Ok((users.ok(), groups.ok())),
        }
    });
    let (users, groups) = provider.accept(&app, queries).await?;
    let start = users.as_ref().or(groups.as_ref()).map_or(1, |query| query.page.start_index);
    let (of_users, of_groups) = (users.clone(), groups.clone());
    let served = provider
        .list(&app, move |act| search::everything(act, of_users.as_ref(), of_groups.as_ref()))
        .await?;
    let (found, base) = (served.value, served.base);
    let mut resources = Vec::with_capacity(found.users.len() + found.groups.len());
    if let Some(query) = &users {
        resources.extend(found.users.iter().map(|user| query.projection.apply(user.to_json(&base))));
    }
    if let Some(query) = &groups {
        resources.extend(found.groups.iter().map(|group| query.projection.apply(group.to_json(&base))));
    }
    Ok(ScimAnswer::list(list_response(found.total, start, resources)))
}
