//! `rosterd token <e-mail>`: a token for an account, signed with the deployment's secret.

use clap::Args;
use rosterd_api::App;
use rosterd_api::auth::token::NewToken;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::json::JsonText;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::user::CallerRow;
use rosterd_storage::Db;
use uuid::Uuid;

use super::CliError;
use crate::config::{Config, token_life};
use crate::server;

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    /// E-mail address of the account
    email: String,
    /// How long the token lives, such as 30m, 12h, 4w; -1: for ever [default: as at sign-in]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    expires_in: Option<String>,
}

/// Prints the token alone, so that it can go straight into a variable.
pub(super) fn run(config: &Config, args: &TokenArgs) -> Result<(), CliError> {
    let email = EmailAddress::parse(&args.email)?;
    let life = args
        .expires_in
        .as_deref()
        .map(|text| token_life(text).map_err(|problem| CliError::Usage(format!("--expires-in: {problem}"))))
        .transpose()?;
    let (account, issued) = super::block_on(async {
        let app = server::open_app(config).await?;
        let (account, stored_life) = find(&app, email).await?;
        let issued = app.tokens().issue(&NewToken {
            user: &account.id,
            jti: &Uuid::new_v4().to_string(),
            now: app.now(),
            life: life.or(stored_life).unwrap_or(config.tokens.life),
            auth_method: "password",
            stamp: account.session_stamp.as_deref(),
        })?;
        Ok((account, issued))
    })?;
    if !account.role.is_verified() {
        tell(&format!(
            "the account's role is {}: the token opens nothing until an admin changes that",
            account.role
        ));
    }
    super::print(&issued.token)
}

/// The account, and the life of a token that the database's configuration asks for.
async fn find(app: &App, email: EmailAddress) -> Result<(CallerRow, Option<TokenLife>), CliError> {
    let work = move |db: &mut dyn Db| {
        let unknown = || CliError::Failure(format!("there is no account with the e-mail address {email}"));
        let id = db.find_user_id_by_email(&email)?.ok_or_else(unknown)?;
        let account = db.find_caller(&id, None)?.ok_or_else(unknown)?;
        let life = db.find_config("auth.jwt_expiry")?.as_ref().and_then(stored_life);
        Ok((account, life))
    };
    app.store().read(work).await
}

/// A stored life that does not parse is passed over, as the server does.
fn stored_life(stored: &JsonText) -> Option<TokenLife> {
    TokenLife::parse(stored.to_value().as_str()?).ok()
}

fn tell(note: &str) {
    use std::io::Write;
    // A note that cannot be written is no reason to fail.
    let _ = writeln!(std::io::stderr(), "rosterd: {note}");
}
