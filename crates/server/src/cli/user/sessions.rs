//! `rosterd user sessions`: the open sessions of an account.

use rosterd_app::{Caller, open_sessions};
use rosterd_domain::session::OpenSession;

use super::moment;
use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError, find};
use crate::config::Config;

pub(super) fn run(config: &Config, name: String, output: Output) -> Result<(), CliError> {
    let sessions = crate::cli::with_app(config, Access::Read, async |app| {
        app.snapshot(Caller::operator(), move |act| {
            let id = find::user(act.read(), &name)?.id;
            Ok::<_, CliError>(open_sessions::of_user(act, &id, None)?)
        })
        .await
    })?;
    let mut rows = output.rows(&["ID", "METHOD", "BEGAN", "LAST SEEN", "ENDS", "CLIENT IP", "USER AGENT"]);
    for session in &sessions {
        let mut json = serde_json::to_value(session).map_err(CliError::Json)?;
        // The command itself comes with no session.
        json.as_object_mut().map(|object| object.remove("current"));
        rows.row(&json, || cells(session))?;
    }
    rows.finish()
}

/// A row of the list; `-` stands for what is not known, and for a token without an end.
fn cells(session: &OpenSession) -> Vec<String> {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    vec![
        session.id.to_string(),
        plain(&session.method),
        moment(session.created_at),
        moment(session.last_seen_at),
        or_none(session.expires_at.map(moment)),
        or_none(session.client_ip.as_deref().map(plain)),
        or_none(session.user_agent.as_deref().map(plain)),
    ]
}
