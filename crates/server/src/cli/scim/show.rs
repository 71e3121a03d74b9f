//! `rosterd scim list` and `rosterd scim linkable`.

use rosterd_app::scim::connections::{self, MOST_LINKABLE};
use rosterd_app::{Act, App, Caller};
use rosterd_domain::scim::{ConnectionInfo, LinkableUser};

use super::LinkableArgs;
use crate::cli::CliError;
use crate::cli::output::{Output, moment, plain};

pub(super) async fn list(app: &App, output: Output) -> Result<(), CliError> {
    let connections = app.snapshot(Caller::operator(), connections::list).await?;
    let mut rows = output.rows(&["ID", "NAME", "USERS", "GROUPS", "LAST USED", "ROLE", "GROUP RULE", "MAY"]);
    for connection in &connections {
        let json = serde_json::to_value(connection).map_err(CliError::Json)?;
        rows.row(&json, || of_connection(connection))?;
    }
    rows.finish()
}

fn of_connection(connection: &ConnectionInfo) -> Vec<String> {
    let may: Vec<&str> = [
        (connection.links_by_email, "link"),
        (connection.takes_passwords, "set passwords"),
        (connection.deletes_accounts, "delete"),
    ]
    .into_iter()
    .filter_map(|(may, what)| may.then_some(what))
    .collect();
    vec![
        plain(connection.id.as_str()),
        plain(&connection.name),
        connection.users.to_string(),
        connection.groups.to_string(),
        connection.last_used_at.map_or_else(|| "never".to_owned(), moment),
        plain(connection.default_role.as_str()),
        connection.group_rule.as_str().to_owned(),
        if may.is_empty() { "-".to_owned() } else { may.join(", ") },
    ]
}

pub(super) async fn linkable(app: &App, args: LinkableArgs, output: Output) -> Result<(), CliError> {
    let named = args.connection.connection;
    let id = app.snapshot(Caller::operator(), move |act| connections::named(act, &named)).await?;
    let mut rows = output.rows(&["ID", "E-MAIL", "NAME", "ROLE"]);
    let (mut offset, mut total) = (0, 0);
    while offset < args.limit {
        let (id, limit) = (id.clone(), (args.limit - offset).min(MOST_LINKABLE));
        let page = move |act: &mut Act<'_>| connections::linkable(act, &id, (offset, limit));
        let page = app.scan(Caller::operator(), page).await?;
        for user in &page.users {
            rows.row(&serde_json::to_value(user).map_err(CliError::Json)?, || of_user(user))?;
        }
        total = page.total;
        offset += limit;
        if offset >= total {
            break;
        }
    }
    rows.finish()?;
    if offset < total {
        output.note(&format!("there are {total} accounts in all; --limit lists more of them"));
    }
    Ok(())
}

fn of_user(user: &LinkableUser) -> Vec<String> {
    vec![plain(user.id.as_str()), plain(&user.email), plain(&user.name), plain(user.role.as_str())]
}
