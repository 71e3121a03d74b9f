//! The groups of a connection.

use actix_web::web::Data;
use rosterd_app::scim::groups;
use rosterd_app::{Act, App};
use rosterd_domain::ids::GroupId;
use rosterd_scim::patch::PatchRequest;
use rosterd_scim::{GroupForm, ListQuery, Projection, ResourceKind, list_response};

use super::{
    Created, Deleted, IfMatchSent, IfNoneMatchSent, LIMITS, Listed, Listing, Projected, Provider, Resource,
    ScimAnswer, ScimBody, ScimFailure,
};
use crate::endpoint::{Line, delete, get, patch, post, put};
use crate::extract::PathId;

const KIND: ResourceKind = ResourceKind::Group;

pub(super) fn routes() -> Vec<Line> {
    vec![
        get("/scim/v2/Groups", "listScimGroups", list_groups).also("/api/v1/scim/v2/Groups").doc(
            "The groups of the connection",
            "Those that it made or was linked to. Groups with more than 1,000 members come without `members`, and so do those of a \
             page after its first 10,000 members.",
        ),
        post("/scim/v2/Groups", "createScimGroup", create_group).also("/api/v1/scim/v2/Groups").doc(
            "Make a group",
            "Or be linked to the group of that name, as the group rule of the connection says. Members that the connection does not \
             see are passed over.",
        ),
        post("/scim/v2/Groups/.search", "searchScimGroups", search_groups)
            .also("/api/v1/scim/v2/Groups/.search")
            .doc("Search the groups of the connection", "As the list, with its parameters in the body."),
        get("/scim/v2/Groups/{id}", "getScimGroup", get_group)
            .also("/api/v1/scim/v2/Groups/{id}")
            .doc("A group of the connection", ""),
        put("/scim/v2/Groups/{id}", "replaceScimGroup", replace_group)
            .also("/api/v1/scim/v2/Groups/{id}")
            .doc("Replace a group", "Members change only if the body names them."),
        patch("/scim/v2/Groups/{id}", "changeScimGroup", change_group)
            .also("/api/v1/scim/v2/Groups/{id}")
            .doc("Change a group", "All operations, or none. Members change only if the body names them."),
        delete("/scim/v2/Groups/{id}", "deleteScimGroup", delete_group).also("/api/v1/scim/v2/Groups/{id}").doc(
            "Delete a group",
            "One that the connection made and nobody else uses. Any other is hidden from the connection; if it made the group, its own \
             accounts leave it.",
        ),
    ]
}

/// `GET /Groups`
async fn list_groups(
    app: Data<App>,
    provider: Provider,
    sent: Listed,
) -> Result<ScimAnswer<Listing>, ScimFailure> {
    let query = provider.accept(&app, sent.of(KIND)).await?;
    page(&app, &provider, query).await
}

/// `POST /Groups/.search`
async fn search_groups(
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
    let served = provider.list(app, move |act| groups::list(act, &query)).await?;
    let (total, groups) = served.value;
    let resources = groups.iter().map(|group| projection.apply(group.to_json(&served.base))).collect();
    Ok(ScimAnswer::list(list_response(total, start, resources)))
}

/// `POST /Groups`
async fn create_group(
    app: Data<App>,
    provider: Provider,
    shown: Projected,
    body: ScimBody,
) -> Result<ScimAnswer<Created>, ScimFailure> {
    let bytes = body.bytes();
    let sent = shown.of(KIND).and_then(|shown| Ok((shown, body.read(GroupForm::parse)?)));
    let (shown, form) = provider.accept(&app, sent).await?;
    let wanted = shown.clone();
    let served = provider.write(&app, bytes, move |act| groups::create(act, form, &wanted)).await?;
    Ok(ScimAnswer::created(served.value.to_json(&served.base), &shown))
}

/// `GET /Groups/{id}`
async fn get_group(
    app: Data<App>,
    provider: Provider,
    id: PathId<GroupId>,
    shown: Projected,
    known: IfNoneMatchSent,
) -> Result<ScimAnswer<Resource>, ScimFailure> {
    let sent = shown.of(KIND).and_then(|shown| Ok((shown, known.0?)));
    let (shown, known) = provider.accept(&app, sent).await?;
    let wanted = shown.clone();
    let served = provider.read(&app, move |act| groups::one(act, &id.0, &wanted)).await?;
    let version = &served.value.meta.version;
    if known.is_some_and(|known| known.names(version)) {
        return Ok(ScimAnswer::unchanged(version));
    }
    Ok(ScimAnswer::one(served.value.to_json(&served.base), &shown))
}

/// `PUT /Groups/{id}`
async fn replace_group(
    app: Data<App>,
    provider: Provider,
    id: PathId<GroupId>,
    shown: Projected,
    condition: IfMatchSent,
    body: ScimBody,
) -> Result<ScimAnswer<Resource>, ScimFailure> {
    let bytes = body.bytes();
    let sent =
        changing(shown, condition).and_then(|(shown, on)| Ok((shown, on, body.read(GroupForm::parse)?)));
    let (shown, condition, form) = provider.accept(&app, sent).await?;
    let wanted = shown.clone();
    let work = move |act: &mut Act<'_>| groups::replace(act, &id.0, form, condition.as_ref(), &wanted);
    let served = provider.write(&app, bytes, work).await?;
    Ok(ScimAnswer::one(served.value.to_json(&served.base), &shown))
}

/// `PATCH /Groups/{id}`
async fn change_group(
    app: Data<App>,
    provider: Provider,
    id: PathId<GroupId>,
    shown: Projected,
    condition: IfMatchSent,
    body: ScimBody,
) -> Result<ScimAnswer<Resource>, ScimFailure> {
    let bytes = body.bytes();
    let sent =
        changing(shown, condition).and_then(|(shown, on)| Ok((shown, on, body.read(PatchRequest::parse)?)));
    let (shown, condition, request) = provider.accept(&app, sent).await?;
    let wanted = shown.clone();
    let work = move |act: &mut Act<'_>| groups::patch(act, &id.0, &request, condition.as_ref(), &wanted);
    let served = provider.write(&app, bytes, work).await?;
    Ok(ScimAnswer::one(served.value.to_json(&served.base), &shown))
}

/// `DELETE /Groups/{id}`
async fn delete_group(
    app: Data<App>,
    provider: Provider,
    id: PathId<GroupId>,
    condition: IfMatchSent,
) -> Result<ScimAnswer<Deleted>, ScimFailure> {
    let condition = provider.accept(&app, condition.0).await?;
    provider.write(&app, 0, move |act| groups::delete(act, &id.0, condition.as_ref())).await?;
    Ok(ScimAnswer::deleted())
}

/// What every change of a group is sent with.
fn changing(
    shown: Projected,
    condition: IfMatchSent,
) -> Result<(Projection, Option<rosterd_scim::IfMatch>), ScimFailure> {
    Ok((shown.of(KIND)?, condition.0?))
}
