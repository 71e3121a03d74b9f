//! The set-up token: the first account of a server that others can reach is for whoever has it (rule A3).
//!
//! There is one token for all servers on a database. It is kept there in the clear: each start prints it again, and whoever
//! can read or write the database needs no token. It goes in the transaction that opens the first account.

use rosterd_domain::rules::setup::FirstSignUp;
use rosterd_domain::secret::SetupToken;
use rosterd_storage::Lock;
use uuid::Uuid;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::settings::SetupSetting;

/// How a sign-up came to this server, and what it brought.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// Others can reach the IP on which the request arrived.
    pub reachable: bool,
    /// A proxy has passed the request on.
    pub forwarded: bool,
    /// The set-up token that it brought, right or wrong.
    pub token: Option<SetupToken>,
}

/// Makes the set-up token, or puts the configured one in place, where a standalone database has no account yet; gives the
/// token that holds now. `None`: none is needed, because there is an account, or because it is switched off. To be called
/// once at the start, before the first request: without it, nobody can open the first account from outside.
///
/// # Errors
/// Those of the store.
pub async fn prepare(app: &App) -> AppResult<Option<SetupToken>> {
    if !app.store().layout().is_standalone() || matches!(app.settings().setup, SetupSetting::Off) {
        return Ok(None);
    }
    let looked = app
        .snapshot(Caller::operator(), |act| {
            let is_empty = act.read().count_users()? == 0;
            Ok::<_, AppError>(is_empty || act.housekeeping().find_setup_token()?.is_some())
        })
        .await?;
    // Most starts find accounts and have nothing to write.
    if !looked {
        return Ok(None);
    }
    app.write(Caller::operator(), |act| {
        // Another server may be opening the first account at this moment.
        act.read().lock(Lock::Accounts)?;
        if act.read().count_users()? > 0 {
            act.housekeeping().forget_setup_token()?;
            return Ok(None);
        }
        match &act.app().settings().setup {
            SetupSetting::Given(token) => act.housekeeping().replace_setup_token(token)?,
            SetupSetting::Generated | SetupSetting::Off => {
                let new = SetupToken::from_stored(Uuid::new_v4().simple().to_string());
                act.housekeeping().keep_setup_token(&new)?;
            }
        }
        Ok::<_, AppError>(act.housekeeping().find_setup_token()?)
    })
    .await
}

/// Whether the first account may be opened by a sign-up that came like this: with the token, where one is needed.
///
/// To be asked before the accounts are counted. The token goes together with the first account, so whoever no longer finds
/// the token does find the account, also where the two are not read at the same moment.
///
/// # Errors
/// Those of the store.
pub(crate) fn admits(act: &mut Act<'_>, arrival: &Arrival) -> AppResult<bool> {
    if !is_asked(act.app(), arrival) {
        return Ok(true);
    }
    let kept = act.housekeeping().find_setup_token()?;
    Ok(kept.zip(arrival.token.as_ref()).is_some_and(|(kept, brought)| kept.is(brought)))
}

/// Whether a first sign-up that came like this needs the token.
fn is_asked(app: &App, arrival: &Arrival) -> bool {
    let &Arrival { reachable, forwarded, .. } = arrival;
    let standalone = app.store().layout().is_standalone();
    !matches!(app.settings().setup, SetupSetting::Off)
        && FirstSignUp { standalone, reachable, forwarded }.needs_token()
}
