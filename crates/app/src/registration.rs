//! Creating accounts: one way for sign-up, for admins, for the command line and for trusted proxies.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::error::DomainError;
use rosterd_domain::group::Group;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::rules::confirm::{Opening, asks_at_opening};
use rosterd_domain::rules::sign_up::SignUp;
use rosterd_domain::secret::{PasswordHash, PlainPassword};
use rosterd_domain::session::SessionMethod;
use rosterd_domain::user::{NewUser, UserModel};
use rosterd_storage::{Lock, Reads};
use uuid::Uuid;

use crate::act::Act;
use crate::app::App;
use crate::auth_method::AuthMethod;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::groups::become_member;
use crate::links;
use crate::passwords::Asker;
use crate::sessions::{self, Added, Session, ensure_method_is_enough};
use crate::setup::{self, Arrival};
use crate::stored_config::{Key, StoredConfig};
use crate::users::{email_taken, whole};

/// What makes an account, but for its password.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The name.
    pub name: UserName,
    /// The e-mail address, as sent.
    pub email: String,
    /// The image.
    pub profile_image_url: ProfileImageUrl,
}

/// Who opens an account for whom, and with which role.
#[derive(Debug, Clone)]
pub(crate) enum Registration {
    /// People for themselves, where sign-up is open. The first account of all becomes admin, others get the configured
    /// role.
    SignUp(Arrival),
    /// An admin for somebody else, with this role.
    Added(Role),
    /// The operator, with this role; `None` for what fits: admin for the first account, user for every other.
    Created(Option<Role>),
    /// An identity provider by SCIM for somebody that it knows, with the role of its connection. Never the first account.
    Provided(Role),
    /// A trusted proxy for whoever it vouches for; the role is as with [`SignUp`](Registration::SignUp). They need no set-up token.
    Vouched,
}

/// Opens an account for oneself. The first of all becomes admin and closes sign-up: of any number at once exactly one. From
/// outside it needs the set-up token (rule A3).
///
/// # Errors
/// [`AppError::FeatureOff`] when sign-up is closed; [`AppError::SetupTokenRequired`] for the first account;
/// [`AppError::RateLimited`] after too many tries; rules R2 and R3 (A2: the cause is named, as 400); [`AppError::Conflict`] where the
/// e-mail address is to be confirmed and cannot be (rule C1); those of the store.
pub async fn sign_up(
    app: &App,
    caller: Caller,
    new: NewAccount,
    password: PlainPassword,
    arrival: Arrival,
) -> AppResult<Session> {
    let request = caller.request.clone();
    app.count_attempt(caller.clone(), app.limiter().by_client(request.client_ip)).await?;
    let opened = open(app, caller, new, password, Registration::SignUp(arrival), |act, id| {
        sessions::open(act, id, SessionMethod::Password)
    })
    .await;
    if matches!(opened, Err(AppError::SetupTokenRequired)) {
        app.tell_of_visitor(&request, Event::SetupFailed);
    }
    opened
}

/// Adds an account on behalf of an admin.
///
/// # Errors
/// Rules R2 and R3; those of the store.
pub async fn add(
    app: &App,
    caller: Caller,
    new: NewAccount,
    password: PlainPassword,
    role: Role,
) -> AppResult<Added> {
    open(app, caller, new, password, Registration::Added(role), sessions::add).await
}

/// Creates an account for the operator. As with [`sign_up`], the first account of all is an admin and closes sign-up.
/// `role` is `None` for what fits: admin for the first account, user for every other.
///
/// # Errors
/// As [`add`]; a rule at `["role"]` when the first account is asked to be anything but an admin: as the primary
/// admin (rule P1) nobody could ever change it.
pub async fn create(
    app: &App,
    caller: Caller,
    new: NewAccount,
    password: PlainPassword,
    role: Option<Role>,
) -> AppResult<UserModel> {
    open(app, caller, new, password, Registration::Created(role), whole).await
}

/// Opens an account with a password, and does with it what is wanted.
async fn open<T: Send + 'static>(
    app: &App,
    caller: Caller,
    new: NewAccount,
    password: PlainPassword,
    how: Registration,
    then: fn(&mut Act<'_>, &UserId) -> AppResult<T>,
) -> AppResult<T> {
    let (form, sent, asked) = (new.clone(), password.clone(), how.clone());
    // Hashing is dear: what would be refused anyway is refused before it.
    app.snapshot(caller.clone(), move |act| {
        judge(act, &form, &asked)?;
        Ok::<_, AppError>(act.app().settings().password_policy.check(&sent)?)
    })
    .await?;
    let who = match &how {
        Registration::SignUp(_) | Registration::Vouched => Asker::SigningUp(caller.request.client_ip),
        Registration::Added(_) | Registration::Created(_) | Registration::Provided(_) => {
            Asker::Known(caller.request.client_ip)
        }
    };
    let hash = app.passwords().hash_new(password, new.name.as_str(), &new.email, who).await?;
    app.write(caller, move |act| {
        let id = register(act, &new, &hash, &how)?;
        then(act, &id)
    })
    .await
}

/// An account that the rules let be opened.
struct Judged {
    email: EmailAddress,
    role: Role,
    /// The role that it gets once its e-mail address is confirmed; `None`: nothing is to be confirmed.
    awaited: Option<Role>,
    /// No account exists yet.
    first: bool,
    config: StoredConfig,
}

/// The rules of a new account.
fn judge(act: &mut Act<'_>, new: &NewAccount, how: &Registration) -> AppResult<Judged> {
    match how {
        Registration::Added(_) => act.actor().ensure_admin()?,
        Registration::Created(_) => act.actor().ensure_operator()?,
        Registration::Provided(_) => {
            act.actor().connection()?;
        }
        Registration::SignUp(_) | Registration::Vouched => {}
    }
    let app = act.app();
    let config = app.stored_config(act.read())?;
    let admitted = match how {
        Registration::SignUp(arrival) => setup::admits(act, arrival)?,
        _ => true,
    };
    // Who adds accounts is one already, and a connection is told to wait for one.
    let is_never_first = matches!(how, Registration::Added(_) | Registration::Provided(_));
    let first = !is_never_first && act.read().count_users()? == 0;
    if let Registration::SignUp(_) = how {
        ensure_sign_up_is_open(act, &config, first)?;
        if first && !admitted {
            return Err(AppError::SetupTokenRequired);
        }
    }
    let role = match how {
        Registration::SignUp(_) | Registration::Vouched if first => Role::Admin,
        Registration::SignUp(_) | Registration::Vouched => config.default_role(),
        Registration::Added(role) | Registration::Provided(role) => role.clone(),
        Registration::Created(role) => role_of_created(role.clone(), first)?,
    };
    let email = EmailAddress::parse(&new.email)?;
    if act.read().find_user_id_by_email(&(&email).into())?.is_some() {
        return Err(DomainError::EmailTaken.into());
    }
    let (role, awaited) =
        if is_to_be_confirmed(act, how, first)? { (Role::Pending, Some(role)) } else { (role, None) };
    Ok(Judged { email, role, awaited, first, config })
}

/// Whether the owner has to confirm the e-mail address before the account is of any use (rule C2).
///
/// # Errors
/// [`AppError::Conflict`] where that is so and cannot be done.
fn is_to_be_confirmed(act: &mut Act<'_>, how: &Registration, first: bool) -> AppResult<bool> {
    let opening = match how {
        Registration::SignUp(_) => Opening::SignUp { is_first: first },
        Registration::Added(_)
        | Registration::Created(_)
        | Registration::Provided(_)
        | Registration::Vouched => Opening::Vouched,
    };
    let is_asked = act.app().settings().confirm_email && asks_at_opening(opening);
    if is_asked {
        links::ensure_can_be_asked(act)?;
    }
    Ok(is_asked)
}

/// # Errors
/// [`AppError::FeatureOff`] where sign-up is closed (rule M22), and where the account could open no session because a
/// second factor is demanded.
fn ensure_sign_up_is_open(act: &mut Act<'_>, config: &StoredConfig, first: bool) -> AppResult<()> {
    let app = act.app();
    let sign_up = SignUp {
        has_users: !first,
        enabled: config.is_on(Key::EnableSignup),
        login_form: config.is_on(Key::EnableLoginForm),
        initial_admin: app.settings().initial_admin_sign_up,
    };
    if !sign_up.is_open(app.dialect()) {
        return Err(AppError::FeatureOff("Sign-up is closed. Ask an admin for an account."));
    }
    ensure_method_is_enough(act, AuthMethod::Password)
}

fn role_of_created(asked: Option<Role>, first: bool) -> Result<Role, DomainError> {
    match (asked, first) {
        (None, true) => Ok(Role::Admin),
        (None, false) => Ok(Role::User),
        (Some(role), true) if !role.is_admin() => Err(DomainError::Field {
            path: vec!["role".to_owned()],
            message: "the first account must be an admin".to_owned(),
        }),
        (Some(role), _) => Ok(role),
    }
}

/// Opens an account: both its rows, and what goes with it. The first of all closes sign-up and ends the set-up token.
pub(crate) fn register(
    act: &mut Act<'_>,
    new: &NewAccount,
    hash: &PasswordHash,
    how: &Registration,
) -> AppResult<UserId> {
    act.read().lock(Lock::Accounts)?;
    let Judged { email, role, awaited, first, config } = judge(act, new, how)?;
    let now = act.now();
    let user = NewUser {
        id: UserId::from_stored(Uuid::new_v4().to_string()),
        email,
        name: new.name.clone(),
        role,
        profile_image_url: new.profile_image_url.clone(),
        created_at: created_at(act.read(), now)?,
        oauth: None,
    };
    let told = told_of_new(&user.email, &user.name, &user.role);
    let tx = act.change(Event::UserCreated(user.id.clone(), told));
    tx.insert_user(&user).map_err(email_taken)?;
    let stamp = Uuid::new_v4().to_string();
    tx.insert_auth(&user.id, user.email.as_str(), hash, Some(&stamp)).map_err(email_taken)?;
    if first {
        end_set_up(act, &config)?;
    }
    join_default_group(act, &config, &user.id)?;
    if let Some(role) = awaited {
        links::ask_to_confirm(act, &user.id, &role)?;
    }
    Ok(user.id)
}

/// What is told of a new account.
pub(crate) fn told_of_new(email: &EmailAddress, name: &UserName, role: &Role) -> Changes {
    Changes::default().of("email", (), email.as_str()).of("name", (), name.as_str()).of(
        "role",
        (),
        role.as_str(),
    )
}

/// What the first account of all does: sign-up is closed, and the set-up token ends.
pub(crate) fn end_set_up(act: &mut Act<'_>, config: &StoredConfig) -> AppResult<()> {
    close_sign_up(act, config)?;
    act.housekeeping().forget_setup_token()?;
    Ok(())
}

/// Closes sign-up: what the first account does. A switch that cannot be read is closed already.
fn close_sign_up(act: &mut Act<'_>, config: &StoredConfig) -> AppResult<()> {
    let (now, layout) = (act.now(), act.app().store().layout().config);
    if !act.app().store().layout().stored_settings {
        return Ok(());
    }
    let place = layout.place_of(Key::EnableSignup);
    if act.read().find_config(place)?.is_some_and(|stored| stored.is_unreadable()) {
        return Ok(());
    }
    let told = Changes::default().of(Key::EnableSignup.wire(), config.is_on(Key::EnableSignup), false);
    let value = JsonText::from_stored("false".to_owned());
    Ok(act.change(Event::ConfigChanged(told)).set_configs(&[(place, value)], now)?)
}

/// When a new account counts as made: now, but later than the primary admin. In the same second the lower id would
/// decide who that is (rule P1), and a clock that was set back would hand it to whoever comes next.
fn created_at(db: &mut dyn Reads, now: UnixSeconds) -> AppResult<UnixSeconds> {
    let primary = match db.find_primary_admin()? {
        Some(id) => db.find_account(&id)?,
        None => None,
    };
    Ok(primary.map_or(now, |primary| now.max(primary.created_at.saturating_add(1))))
}

/// Makes an account a member of the group of new accounts, if there is one.
fn join_default_group(act: &mut Act<'_>, config: &StoredConfig, id: &UserId) -> AppResult<()> {
    if let Some(group) = default_group(act, config)? {
        become_member(act, &group.id, std::slice::from_ref(id))?;
    }
    Ok(())
}

/// The group of new accounts, if one is configured and exists. It stays until the transaction ends.
pub(crate) fn default_group(act: &mut Act<'_>, config: &StoredConfig) -> AppResult<Option<Group>> {
    let group = config.text(Key::DefaultGroupId);
    if group.is_empty() {
        return Ok(None);
    }
    let group = GroupId::from_stored(group.to_owned());
    // The group must not go between the look-up and the insert.
    act.read().lock(Lock::GroupTree)?;
    Ok(act.read().find_group(&group)?.map(|counted| counted.group))
}
