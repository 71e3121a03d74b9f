//! New users: an account is made, linked, or shown again (rules J6 and J7).

use rosterd_domain::email::EmailAddress;
use rosterd_domain::ids::UserId;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::rules::scim_users::{Found, Plan, Refused, plan};
use rosterd_domain::scim::Connection;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::user::{AccountRow, UserChanges};
use rosterd_scim::{Projection, ScimError, ScimType, User, UserAttributes, UserForm};
use rosterd_storage::ScimUserRow;

use super::copy::{email_of, ensure_storable, follow, new_name, user_name_taken};
use super::passwords::set_password;
use super::{document, hold, of_an_admin, standing};
use crate::account_lock::Held;
use crate::act::Act;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome};
use crate::registration::{NewAccount, Registration, register};
use crate::users::write_changes;

/// A user that a connection sent, as the rules let it be made, linked or shown again.
struct Judged {
    plan: Plan,
    email: EmailAddress,
    /// What the connection keeps of it already.
    kept: Option<ScimUserRow>,
    /// The account that is there already.
    account: Option<AccountRow>,
}

/// Every rule of a new user, in the order in which their refusals are told.
fn judge(
    act: &mut Act<'_>,
    (connection, held): (&Connection, &Held),
    attributes: &UserAttributes,
) -> AppResult<Judged> {
    if held.primary.is_none() {
        let detail = "there is no account yet; the first one must be an admin's and cannot come by SCIM";
        return Err(ScimError::with_status(403, detail).into());
    }
    ensure_storable(attributes)?;
    let email = email_of(attributes)?;
    let mut kept = act.read().find_scim_user_by_name(&connection.id, &attributes.user_name)?;
    let mut local = None;
    if kept.is_none()
        && let Some(owner) = act.read().find_user_id_by_email(&(&email).into())?
    {
        kept = act.read().find_scim_user(&connection.id, &owner)?;
        local = Some(owner);
    }
    let account = match kept.as_ref().map(|row| &row.user).or(local.as_ref()) {
        Some(id) => Some(act.read().lock_account(id)?.ok_or(AppError::NO_SUCH_USER)?),
        None => None,
    };
    let is_admin = match &account {
        Some(account) => standing::is_admin(act, held, account)?,
        None => false,
    };
    let found = match (&kept, &account) {
        (Some(row), _) => Found::Kept { is_visible: row.is_visible(), is_admin },
        (None, Some(account)) => {
            Found::Local { is_admin, is_unconfirmed: standing::is_unconfirmed(act, account)? }
        }
        (None, None) => Found::Nobody,
    };
    let plan = plan(found, connection.links_by_email).map_err(refused)?;
    Ok(Judged { plan, email, kept, account })
}

/// Whether [`created`] would set the password that was sent. Hashing is dear: what would be refused anyway is refused before it.
///
/// # Errors
/// As [`created`].
pub(super) fn takes_password(act: &mut Act<'_>, attributes: &UserAttributes) -> AppResult<bool> {
    let connection = act.actor().connection()?.clone();
    if !connection.takes_passwords {
        return Ok(false);
    }
    let held = Held { actor: None, primary: act.read().find_primary_admin()? };
    let Judged { plan, email, kept, .. } = judge(act, (&connection, &held), attributes)?;
    Ok(match plan {
        Plan::Make => {
            new_account(attributes, &email)?;
            true
        }
        Plan::ShowAgain => kept.is_some_and(|row| row.made),
        Plan::Link => false,
    })
}

/// [`create`], with the password hashed.
pub(super) fn created(
    act: &mut Act<'_>,
    form: UserForm,
    hash: Option<&PasswordHash>,
    projection: &Projection,
) -> AppResult<User> {
    let (connection, held) = hold(act)?;
    let attributes = form.into_new();
    let Judged { plan, email, kept, account } = judge(act, (&connection, &held), &attributes)?;
    let row = match (plan, kept, account) {
        (Plan::ShowAgain, Some(stored), Some(account)) => {
            show_again(act, (&connection, &held), (stored, &account), attributes, hash)?
        }
        (Plan::Link, _, Some(account)) => link(act, (&connection, &held), &account, attributes)?,
        _ => make(act, (&connection, &held), attributes, &email, hash)?,
    };
    document(act, &connection.id, row, projection)
}

fn refused(why: Refused) -> AppError {
    let detail = match why {
        Refused::Known => "this connection has a user with this userName or e-mail address",
        Refused::NotLinked => {
            "an account has this e-mail address that this connection did not make; an admin can let it be linked to accounts \
             by e-mail address"
        }
        Refused::Unconfirmed => {
            "an account has this e-mail address whose owner has not confirmed it; an admin can let the account in or delete it"
        }
        Refused::Admin => return of_an_admin().into(),
    };
    ScimError::new(ScimType::Uniqueness, detail).into()
}

/// What a connection keeps of an account that it did not know.
fn new_row(act: &Act<'_>, user: UserId, made: bool, attributes: UserAttributes) -> ScimUserRow {
    let now = act.now();
    ScimUserRow {
        user,
        made,
        hidden_at: None,
        suspended_since: None,
        created_at: now,
        updated_at: now,
        version: 1,
        attributes,
    }
}

/// The account that is made for a user.
fn new_account(attributes: &UserAttributes, email: &EmailAddress) -> AppResult<NewAccount> {
    Ok(NewAccount {
        name: UserName::parse(&attributes.account_name())?,
        email: email.as_str().to_owned(),
        profile_image_url: ProfileImageUrl::default(),
    })
}

fn make(
    act: &mut Act<'_>,
    (connection, held): (&Connection, &Held),
    attributes: UserAttributes,
    email: &EmailAddress,
    hash: Option<&PasswordHash>,
) -> AppResult<ScimUserRow> {
    let new = new_account(&attributes, email)?;
    let unset = PasswordHash::unset(act.app().settings().bcrypt_cost);
    let how = Registration::Provided(connection.default_role.clone());
    let id = register(act, &new, hash.unwrap_or(&unset), &how)?;
    let wanted = attributes.active;
    let mut row = new_row(act, id, true, UserAttributes { active: true, ..attributes });
    // Nobody has suspended it yet.
    if !wanted {
        standing::settle(act, connection, held, &mut row, wanted)?;
    }
    // Told by the account that was made.
    act.change_and_tell(|tx| {
        tx.insert_scim_user(&connection.id, &row)?;
        Ok(((), Outcome::ToldApart))
    })
    .map_err(user_name_taken)?;
    Ok(row)
}

fn link(
    act: &mut Act<'_>,
    (connection, held): (&Connection, &Held),
    account: &AccountRow,
    attributes: UserAttributes,
) -> AppResult<ScimUserRow> {
    // Where nothing but the user name was sent, the account keeps the name that it has.
    if attributes.display_name.is_some() || attributes.name.whole().is_some() {
        let changes = UserChanges { name: new_name(account, &attributes)?, ..UserChanges::default() };
        write_changes(act, account, &changes)?;
    }
    let wanted = attributes.active;
    let active = standing::is_active(act, &account.id)?;
    let mut row = new_row(act, account.id.clone(), false, UserAttributes { active, ..attributes });
    standing::settle(act, connection, held, &mut row, wanted)?;
    let event = Event::ScimUserLinked(account.id.clone());
    act.change(event).insert_scim_user(&connection.id, &row).map_err(user_name_taken)?;
    Ok(row)
}

fn show_again(
    act: &mut Act<'_>,
    (connection, held): (&Connection, &Held),
    (stored, account): (ScimUserRow, &AccountRow),
    attributes: UserAttributes,
    hash: Option<&PasswordHash>,
) -> AppResult<ScimUserRow> {
    follow(act, account, &stored.attributes, &attributes)?;
    let wanted = attributes.active;
    let mut row = ScimUserRow {
        hidden_at: None,
        updated_at: act.now(),
        version: stored.version.saturating_add(1),
        attributes: UserAttributes { active: stored.attributes.active, ..attributes },
        ..stored.clone()
    };
    standing::settle(act, connection, held, &mut row, wanted)?;
    set_password(act, &row, account, hash)?;
    let event = Event::ScimUserLinked(row.user.clone());
    act.change(event).update_scim_user(&connection.id, &stored, &row).map_err(user_name_taken)?;
    Ok(row)
}
