//! Handing over the place of the primary admin (rule P9).

use rosterd_domain::ids::UserId;
use rosterd_domain::rules::hand_over::{self, Exchanged, Unfit};
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::user::{AccountRow, UserModel};
use rosterd_storage::SignIn;

use crate::account_lock::hold_accounts;
use crate::act::Act;
use crate::app::App;
use crate::auth_method::AuthMethod;
use crate::caller::Caller;
use crate::credential::Credential;
use crate::error::{AppError, AppResult};
use crate::event::{Changes, Event};
use crate::own_account::{self, Owner};
use crate::passwords::Asker;
use crate::users::whole;

const NO_PASSWORD: AppError = AppError::Conflict(
    "Your account has no password that could be checked. `rosterd user make-primary` on the server hands over without one.",
);

const CHANGED_MEANWHILE: AppError = AppError::Conflict(
    "One of the two accounts was changed at the same moment, so nothing was handed over. Look again who is the primary admin.",
);

/// Makes another account the primary admin in place of the caller, who shows the password of its own account. Tries count as
/// those at a change of the password do.
///
/// # Errors
/// [`AppError::Rule`] for all but the primary admin; [`AppError::NotFound`]; [`AppError::Conflict`] for an account that cannot
/// be it, where the caller has no password, and where an account was changed meanwhile; [`AppError::IncorrectPassword`];
/// [`AppError::RateLimited`]; those of the store.
pub async fn hand_over(
    app: &App,
    caller: Caller,
    id: UserId,
    password: PlainPassword,
) -> AppResult<UserModel> {
    let asker = Asker::Known(caller.request.client_ip);
    let target = id.clone();
    let look = move |act: &mut Act<'_>, stored: Option<&SignIn>| {
        act.actor().ensure_admin()?;
        let primary = act.read().find_primary_admin()?;
        judge(act, primary.as_ref(), &target)?;
        let has_password = stored.is_some_and(|stored| !stored.hash.is_unset());
        if has_password { Ok(()) } else { Err(NO_PASSWORD) }
    };
    let found = own_account::find_own_sign_in(app, caller.clone(), look).await?;
    let checked = own_account::check_password(app, found, password, asker).await?;
    let Some((Owner { id: me, .. }, checked)) = checked else {
        let by_password = is_by_password(&caller);
        return Err(match own_account::not_checked(app, caller, CHANGED_MEANWHILE).await {
            // The password of such an account is one that nobody knows, unless somebody has set another.
            AppError::IncorrectPassword if !by_password => NO_PASSWORD,
            error => error,
        });
    };
    app.write(caller, move |act| {
        let user = exchange(act, &id)?.user;
        if !act.read().find_sign_in_of(&me)?.is_some_and(|current| current.is_still(&checked)) {
            return Err(CHANGED_MEANWHILE);
        }
        Ok(user)
    })
    .await
}

/// Whether the caller's session began with the password of the account, as far as is known.
fn is_by_password(caller: &Caller) -> bool {
    let method = match caller.credential() {
        Some(Credential::Token(session)) => session.claims.auth_method.as_deref(),
        Some(Credential::ApiKey(..)) | None => None,
    };
    method.is_none_or(|method| AuthMethod::parse(method) == Some(AuthMethod::Password))
}

/// What the operator's hand-over did.
#[derive(Debug)]
pub struct HandedOver {
    /// The primary admin.
    pub user: UserModel,
    /// The former one.
    pub former: AccountRow,
}

/// The same by the operator, who needs no password.
///
/// # Errors
/// As [`hand_over()`]; [`AppError::AccessProhibited`] for all but the operator.
pub fn hand_over_as_operator(act: &mut Act<'_>, id: &UserId) -> AppResult<HandedOver> {
    act.actor().ensure_operator()?;
    exchange(act, id)
}

/// Judges who hands over, and to whom; gives the two accounts, the former first.
fn judge(act: &mut Act<'_>, primary: Option<&UserId>, id: &UserId) -> AppResult<(AccountRow, AccountRow)> {
    hand_over::ensure_may_hand_over(act.actor().id(), primary)?;
    // In this order: of an account that is deleted in between, it is not found and not told to be inactive.
    let active = act.read().find_sign_in_of(id)?.is_some_and(|sign_in| sign_in.active);
    let target = find(act, id)?;
    hand_over::ensure_fit(&target, active, primary).map_err(unfit)?;
    let former = match primary {
        Some(primary) => find(act, primary)?,
        None => return Err(AppError::NO_SUCH_USER),
    };
    Ok((former, target))
}

fn find(act: &mut Act<'_>, id: &UserId) -> AppResult<AccountRow> {
    act.read().find_account(id)?.ok_or(AppError::NO_SUCH_USER)
}

fn unfit(why: Unfit) -> AppError {
    AppError::Conflict(why.sentence())
}

/// Exchanges the times of creation, judged and written while both rows are held.
fn exchange(act: &mut Act<'_>, id: &UserId) -> AppResult<HandedOver> {
    let primary = hold_accounts(act)?.primary;
    // In one order whoever comes: Open WebUI does not know the lock of accounts.
    let mut both = [primary.as_ref(), Some(id)];
    both.sort_unstable();
    for id in both.into_iter().flatten() {
        act.read().lock_user(id)?;
    }
    let (former, target) = judge(act, primary.as_ref(), id)?;
    let third = act.read().is_another_made_by(former.created_at, [&former.id, &target.id])?;
    let after = hand_over::exchange(former.created_at, target.created_at, third).map_err(unfit)?;
    write(act, &former, &target, after)?;
    // A stored time may be no number. It is read as one, and sorted as what it is.
    if act.read().find_primary_admin()?.as_ref() != Some(id) {
        return Err(CHANGED_MEANWHILE);
    }
    Ok(HandedOver { user: whole(act, id)?, former })
}

fn write(act: &mut Act<'_>, former: &AccountRow, target: &AccountRow, after: Exchanged) -> AppResult<()> {
    let now = act.now();
    let told = Changes::default().of("created_at", target.created_at, after.new);
    let event = Event::UserPrimaryChanged(target.id.clone(), former.id.clone(), told);
    let tx = act.change(event);
    tx.set_created_at(&target.id, after.new, now)?;
    if after.former != former.created_at {
        tx.set_created_at(&former.id, after.former, now)?;
    }
    Ok(())
}
