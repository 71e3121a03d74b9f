//! The users of a connection.

use actix_web::web::Data;
use rosterd_app::App;
use rosterd_app::scim::users;
use rosterd_domain::ids::UserId;
use rosterd_scim::patch::PatchRequest;
use rosterd_scim::{IfMatch, ListQuery, Projection, ResourceKind, UserForm, list_response};

use super::{
    Created, Deleted, IfMatchSent, IfNoneMatchSent, LIMITS, Listed, Listing, Projected, Provider, Resource,
    ScimAnswer, ScimBody, ScimFailure,
};
use crate::endpoint::{Line, delete, get, patch, post, put};
use crate::extract::PathId;

const KIND: ResourceKind = ResourceKind::User;

pub(super) fn routes() -> Vec<Line> {
    vec![
        get("/scim/v2/Users", "listScimUsers", list_users)
            .also("/api/v1/scim/v2/Users")
            .doc("The users of the connection", "Those that it made or was linked to, suspended ones too."),
        post("/scim/v2/Users", "createScimUser", create_user).also("/api/v1/scim/v2/Users").doc(
            "Make a user",
            "An account is made. Or the connection is linked to the one that has the e-mail address, if it may be; or it sees the one \
             again that it deleted.",
        ),
        post("/scim/v2/Users/.search", "searchScimUsers", search_users)
            .also("/api/v1/scim/v2/Users/.search")
            .doc("Search the users of the connection", "As the list, with its parameters in the body."),
        get("/scim/v2/Users/{id}", "getScimUser", get_user)
            .also("/api/v1/scim/v2/Users/{id}")
            .doc("A user of the connection", ""),
        put("/scim/v2/Users/{id}", "replaceScimUser", replace_user)
            .also("/api/v1/scim/v2/Users/{id}")
            .doc("Replace a user", "What the body leaves out is removed, but for `externalId` and `active`."),
        patch("/scim/v2/Users/{id}", "changeScimUser", change_user)
            .also("/api/v1/scim/v2/Users/{id}")
            .doc("Change a user", "All operations, or none. `active: false` suspends the account."),
        delete("/scim/v2/Users/{id}", "deleteScimUser", delete_user).also("/api/v1/scim/v2/Users/{id}").doc(
            "Delete a user",
            "The account is suspended, and the connection sees it no more. It is deleted where the connection made it and may do so.",
        ),
    ]
}

/// `GET /Users`
async fn list_users(
    app: Data<App>,
    provider: Provider,
    sent: Listed,
) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let query = provider.accept(&app, sent.of(KIND)).await?;
    page(&app, &provider, query).await
}

/// `POST /Users/.search`
async fn search_users(
    app: Data<App>,
    provider: Provider,
    body: ScimBody,
) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let query = body.read(|sent| ListQuery::from_search(KIND, sent, LIMITS));
    let query = provider.accept(&app, query).await?;
    page(&app, &provider, query).await
}

async fn page(app: &App, provider: &Provider, query: ListQuery) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let (start, projection) = (query.page.start_index, query.projection.clone());
    let served = provider.list(app, move |act| users::list(act, &query)).await?;
    let (total, users) = served.value;
    let resources = users.iter().map(|user| projection.apply(user.to_json(&served.base))).collect();
    Ok(ScimAnswer::list(list_response(total, start, resources)))
}

/// `POST /Users`
async fn create_user(
    app: Data<App>,
    provider: Provider,
    shown: Projected,
    body: ScimBody,
) -> Result<ScimAnswer<Created>, ScimFailure> {
    let to = (provider.mount(), body.bytes());
    let sent = shown.of(KIND).and_then(|shown| Ok((shown, body.read(UserForm::parse)?)));
    let (shown, form) = provider.accept(&app, sent).await?;
    let served = users::create(&app, provider.who(), to, form, shown.clone()).await?;
    Ok(ScimAnswer::created(served.value.to_json(&served.base), &shown))
}

/// `GET /Users/{id}`
async fn get_user(
    app: Data<App>,
    provider: Provider,
    id: PathId<UserId>,
    shown: Projected,
    known: IfNoneMatchSent,
) -> Result<ScimAnswer<Resource>, ScimFailure> {
    let sent = shown.of(KIND).and_then(|shown| Ok((shown, known.0?)));
    let (shown, known) = provider.accept(&app, sent).await?;
    let wanted = shown.clone();
    let served = provider.read(&app, move |act| users::one(act, &id.0, &wanted)).await?;
    let version = &served.value.meta.version;
    if known.is_some_and(|known| known.names(version)) {
        return Ok(ScimAnswer::unchanged(version));
    }
    Ok(ScimAnswer::one(served.value.to_json(&served.base), &shown))
}

/// `PUT /Users/{id}`
async fn replace_user(
    app: Data<App>,
    provider: Provider,
    id: PathId<UserId>,
    shown: Projected,
    condition: IfMatchSent,
    body: ScimBody,
) -> Result<ScimAnswer<Resource>, ScimFailure> {
    let to = (provider.mount(), body.bytes());
    let sent =
        changing(shown, condition).and_then(|(shown, on)| Ok((shown, on, body.read(UserForm::parse)?)));
    let (shown, condition, form) = provider.accept(&app, sent).await?;
    let served = users::replace(&app, provider.who(), to, id.0, form, (condition, shown.clone())).await?;
    Ok(ScimAnswer::one(served.value.to_json(&served.base), &shown))
}

/// `PATCH /Users/{id}`
async fn change_user(
    app: Data<App>,
    provider: Provider,
    id: PathId<UserId>,
    shown: Projected,
    condition: IfMatchSent,
    body: ScimBody,
) -> Result<ScimAnswer<Resource>, ScimFailure> {
    let to = (provider.mount(), body.bytes());
    let sent = changing(shown, condition).and_then(|(shown, on)| {
        let changes = body.read(|sent| PatchRequest::parse(sent)?.user_changes())?;
        Ok((shown, on, changes))
    });
    let (shown, condition, changes) = provider.accept(&app, sent).await?;
    let served = users::patch(&app, provider.who(), to, id.0, changes, (condition, shown.clone())).await?;
    Ok(ScimAnswer::one(served.value.to_json(&served.base), &shown))
}

/// `DELETE /Users/{id}`
async fn delete_user(
    app: Data<App>,
    provider: Provider,
    id: PathId<UserId>,
    condition: IfMatchSent,
) -> Result<ScimAnswer<Deleted>, ScimFailure> {
    let condition = provider.accept(&app, condition.0).await?;
    provider.write(&app, 0, move |act| users::delete(act, &id.0, condition.as_ref())).await?;
    Ok(ScimAnswer::deleted())
}

/// What every change of a user is sent with.
fn changing(shown: Projected, condition: IfMatchSent) -> Result<(Projection, Option<IfMatch>), ScimFailure> {
    Ok((shown.of(KIND)?, condition.0?))
}
