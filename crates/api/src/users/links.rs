//! Inviting somebody, and links by which somebody sets a new password (rules O2, O4 and O6).

use actix_web::web::{Data, Json};
use rosterd_app::links::{self, Invitation, LinkTerms, MadeLink};
use rosterd_app::registration::NewAccount;
use rosterd_app::{Act, App};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::rules::link::{LONGEST_LIFE, SHORTEST_LIFE};
use rosterd_domain::user::UserModel;
use serde::Serialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, ObjectBuilder, Schema, Type};

use crate::auth::{Admin, Caller};
use crate::error::ApiError;
use crate::extract::{Body, Fault, FieldType, Parts, PathId, Strict, accept, form};

/// For how many seconds a link can be used. The rule judges it.
#[derive(Debug)]
pub(crate) struct LinkLife(i64);

impl FieldType for LinkLife {
    fn read(json: &str) -> Result<Self, Fault> {
        i64::read(json).map(Self)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        number.minimum(Some(SHORTEST_LIFE)).maximum(Some(LONGEST_LIFE)).into()
    }
}

/// Ids of groups.
#[derive(Debug)]
pub(crate) struct GroupIds(Vec<GroupId>);

impl FieldType for GroupIds {
    fn read(json: &str) -> Result<Self, Fault> {
        let fault = || Fault::new("list_type", "A list of ids of groups is needed.");
        let ids: Vec<String> = serde_json::from_str(json).map_err(|_why| fault())?;
        let read = ids.iter().map(|id| GroupId::parse(id).map_err(|_why| fault()));
        read.collect::<Result<_, _>>().map(Self)
    }

    fn schema(_parts: &mut Parts) -> RefOr<Schema> {
        let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"^[^\x00]*$"));
        Array::new(id.min_length(Some(1)).max_length(Some(255))).into()
    }
}

form! {
    /// Somebody to be invited.
    pub(crate) struct InviteForm {
        /// The e-mail address, under which the account signs in.
        email: String,
        /// The name others see. The person can change it.
        name: UserName,
        /// The role; `user` if absent.
        role: Option<Role>,
        /// The ids of the groups that the account joins, beside the group of new accounts.
        groups: Option<GroupIds>,
        /// For how many seconds the link can be used; a week if absent.
        expires_in: Option<LinkLife>,
        /// `false`: no mail is sent, also where mail is set up.
        mail: Option<bool>,
    }
}

form! {
    /// How a link is to be made.
    pub(crate) struct LinkTermsForm {
        /// For how many seconds the link can be used; a day if absent.
        expires_in: Option<LinkLife>,
        /// `false`: no mail is sent, also where mail is set up.
        mail: Option<bool>,
    }
}

fn terms(expires_in: Option<LinkLife>, mail: Option<bool>) -> LinkTerms {
    LinkTerms { expires_in: expires_in.map(|life| life.0), mail: mail != Some(false) }
}

/// A link that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = MadeLink)]
pub(crate) struct MadeLinkBody {
    /// The token, which is never shown again.
    token: String,
    /// The URL that opens it in the console; null where neither `ROSTERD_PUBLIC_URL` nor `WEBUI_URL` is set, and where the console
    /// is off.
    link: Option<String>,
    /// From when on it opens nothing.
    expires_at: UnixSeconds,
    /// Whether it goes to the account's e-mail address by itself.
    mailed: bool,
}

impl From<MadeLink> for MadeLinkBody {
    fn from(made: MadeLink) -> Self {
        let MadeLink { token, url, expires_at, mailed } = made;
        Self { token: token.expose().to_owned(), link: url, expires_at, mailed }
    }
}

/// Somebody who was invited.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = InvitedUser)]
pub(crate) struct InvitedBody {
    /// The account.
    user: UserModel,
    #[serde(flatten)]
    link: MadeLinkBody,
}

/// `POST /users/invite`
pub(crate) async fn invite_user(
    app: Data<App>,
    caller: Caller<Admin>,
    body: Body<Strict<InviteForm>>,
) -> Result<Json<InvitedBody>, ApiError> {
    let Strict(form) = accept(&app, &caller, body).await?;
    let InviteForm { email, name, role, groups, expires_in, mail } = form;
    let invitation = Invitation {
        account: NewAccount { name, email, profile_image_url: ProfileImageUrl::default() },
        role,
        groups: groups.map_or_else(Vec::new, |groups| groups.0),
        terms: terms(expires_in, mail),
    };
    let invited = app.write(caller.into(), move |act| links::invite(act, &invitation)).await?;
    Ok(Json(InvitedBody { user: invited.user, link: invited.link.into() }))
}

/// `POST /users/{id}/password/link`
pub(crate) async fn create_password_link(
    app: Data<App>,
    caller: Caller<Admin>,
    id: PathId<UserId>,
    body: Body<Strict<LinkTermsForm>>,
) -> Result<Json<MadeLinkBody>, ApiError> {
    let Strict(LinkTermsForm { expires_in, mail }) = accept(&app, &caller, body).await?;
    let terms = terms(expires_in, mail);
    let make = move |act: &mut Act<'_>| links::make_reset(act, &id.0, terms);
    Ok(Json(app.write(caller.into(), make).await?.into()))
}
