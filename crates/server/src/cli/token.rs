//! `rosterd token`: a session for an account, signed with the deployment's secret.

use clap::Args;
use rosterd_app::{Caller, sessions};
use serde_json::json;

use super::output::Output;
use super::{Access, CliError, find};
use crate::config::{Config, token_life};

#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    /// E-mail address or id of the account
    user: String,
    /// How long the token is valid, such as 30m, 12h, 4w; -1: without end [default: as after a sign-in]
    #[arg(long, value_name = "DURATION", allow_hyphen_values = true)]
    expires_in: Option<String>,
}

/// Prints the token alone, so that it can go straight into a variable.
pub(super) fn run(config: &Config, args: TokenArgs, output: Output) -> Result<(), CliError> {
    let life = args
        .expires_in
        .as_deref()
        .map(|text| token_life(text).map_err(|problem| CliError::Usage(format!("--expires-in: {problem}"))))
        .transpose()?;
    let session = super::with_signing_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let id = find::user(act.read(), &args.user)?.id;
            Ok::<_, CliError>(sessions::issue(act, &id, life)?)
        })
        .await
    })?;
    let user = &session.account;
    if !user.role.is_verified() {
        output.note(&format!(
            "the account has the role {}, so the token cannot be used until an admin changes the role",
            user.role
        ));
    }
    let json = json!({
        "token": session.token.token,
        "token_type": "Bearer",
        "expires_at": session.token.expires_at,
        "id": user.id,
        "email": user.email,
        "role": user.role,
    });
    output.print(&json, || session.token.token.clone())
}
