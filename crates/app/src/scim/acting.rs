//! How a connection acts: from its token to its use cases.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::public_url::PublicUrl;
use rosterd_domain::scim::{Connection, ConnectionToken};
use rosterd_scim::ScimError;
use rosterd_scim::discovery::Passwords;
use rosterd_storage::Reads;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::stored_config::Key;

/// Where SCIM is, below whatever a proxy puts before it.
pub const MOUNT: &str = "/scim/v2";

/// What stands before every path where a front end has the others.
const ALIAS: &str = "/rosterd";

/// What a use case gave, and what its answer needs.
#[derive(Debug)]
pub struct Served<T> {
    /// What it gave.
    pub value: T,
    /// The URL before `/Users`, without a slash at its end; a path alone where nobody has said by which URL people reach this server.
    pub base: String,
}

/// Whether the passwords that the acting connection sends are set.
///
/// # Errors
/// [`AppError::AccessProhibited`] where none acts.
pub fn passwords(act: &mut Act<'_>) -> AppResult<Passwords> {
    let taken = act.actor().connection()?.takes_passwords;
    Ok(if taken { Passwords::Taken } else { Passwords::Ignored })
}

/// The connection that a token opens (rule J1).
///
/// # Errors
/// [`AppError::InvalidToken`] for any other token, and for none. Where there is no connection at all, SCIM is off: status 404 (rule J2).
pub(crate) fn open(
    app: &App,
    db: &mut dyn Reads,
    token: Option<&ConnectionToken>,
    now: UnixSeconds,
) -> AppResult<Connection> {
    if let Some(token) = token
        && let Some(row) = db.find_connection_by_hash(&token.hash())?
        && row.is_opened_by(token, now)
    {
        app.connection_uses().mark_active(&row.connection.id, now);
        return Ok(row.connection);
    }
    if db.has_connections()? {
        return Err(AppError::InvalidToken);
    }
    Err(ScimError::with_status(404, "there is nothing here: no identity provider is connected").into())
}

/// Runs a few point reads as the connection that calls. `mount` is the path before `/Users` that was asked for.
///
/// # Errors
/// [`AppError::InvalidToken`] for a token that opens no connection; status 404 where there is no connection at all (rule J2);
/// [`AppError::RateLimited`] for a client that showed too many wrong tokens (rule J11); whatever `work` fails with.
pub async fn read<T: Send + 'static>(
    app: &App,
    caller: Caller,
    mount: String,
    work: impl FnOnce(&mut Act<'_>) -> AppResult<T> + Send + 'static,
) -> AppResult<Served<T>> {
    let read = app.snapshot(caller.clone(), move |act| served(act, &mount, work));
    counted(app, &caller, read).await
}

/// As [`read`], for a list. Where a replica may lag, the database itself is asked: a provider looks for what it has just made.
///
/// # Errors
/// As [`read`].
pub async fn list<T: Send + 'static>(
    app: &App,
    caller: Caller,
    mount: String,
    work: impl FnOnce(&mut Act<'_>) -> AppResult<T> + Send + 'static,
) -> AppResult<Served<T>> {
    if app.store().scans_may_lag() {
        return read(app, caller, mount, work).await;
    }
    let list = app.scan(caller.clone(), move |act| served(act, &mount, work));
    counted(app, &caller, list).await
}

/// Runs one transaction as the connection that calls. The connection stays until it ends: one that is deleted meanwhile leaves nothing
/// behind.
///
/// # Errors
/// As [`read`].
pub async fn write<T: Send + 'static>(
    app: &App,
    caller: Caller,
    mount: String,
    bytes: usize,
    work: impl FnOnce(&mut Act<'_>) -> AppResult<T> + Send + 'static,
) -> AppResult<Served<T>> {
    let write = app.write_much(caller.clone(), bytes, move |act| {
        let id = act.actor().connection()?.id.clone();
        if !act.read().hold_connection(&id)? {
            return Err(AppError::InvalidToken);
        }
        served(act, &mount, work)
    });
    counted(app, &caller, write).await
}

fn served<T>(
    act: &mut Act<'_>,
    mount: &str,
    work: impl FnOnce(&mut Act<'_>) -> AppResult<T>,
) -> AppResult<Served<T>> {
    let value = work(act)?;
    Ok(Served { value, base: base_url(act, mount)? })
}

/// Counts a wrong token. Right ones are never kept waiting: nobody can shut out a provider whose client IP they share.
async fn counted<T>(app: &App, caller: &Caller, work: impl Future<Output = AppResult<T>>) -> AppResult<T> {
    let done = work.await;
    if matches!(done, Err(AppError::InvalidToken)) {
        let request = caller.request.clone();
        let attempt = app.limiter().scim(request.client_ip);
        app.count_attempt(Caller::visitor(request), attempt).await?;
    }
    done
}

/// The URL before `/Users` for a request that asked for `mount`: never one of the request's own choice.
fn base_url(act: &mut Act<'_>, mount: &str) -> AppResult<String> {
    Ok(match &act.app().settings().public_url {
        Some(url) => joined(url, mount),
        None => front_end_url(act)?.map_or_else(|| mount.to_owned(), |url| joined(&url, mount)),
    })
}

/// By which URL a provider reaches SCIM; `None` where nobody has said by which URL people reach this server.
pub(super) fn url_of_scim(act: &mut Act<'_>) -> AppResult<Option<String>> {
    Ok(match &act.app().settings().public_url {
        Some(url) => Some(joined(url, MOUNT)),
        // A front end is there, which leaves these paths to us.
        None => front_end_url(act)?.map(|url| joined(&url, &format!("{ALIAS}{MOUNT}"))),
    })
}

fn front_end_url(act: &mut Act<'_>) -> AppResult<Option<PublicUrl>> {
    let app = act.app();
    Ok(PublicUrl::parse(app.stored_config(act.read())?.text(Key::WebuiUrl)).ok())
}

/// Both together. A proxy may give us the alias that the public URL ends in, or cut it off.
fn joined(url: &PublicUrl, mount: &str) -> String {
    let url = url.as_str();
    let mount = if url.ends_with(ALIAS) { mount.strip_prefix(ALIAS).unwrap_or(mount) } else { mount };
    format!("{url}{mount}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_alias_stands_once() {
        for (url, mount, wanted) in [
            ("https://chat.example.com", "/scim/v2", "https://chat.example.com/scim/v2"),
            ("https://chat.example.com", "/rosterd/scim/v2", "https://chat.example.com/rosterd/scim/v2"),
            (
                "https://chat.example.com/rosterd",
                "/rosterd/scim/v2",
                "https://chat.example.com/rosterd/scim/v2",
            ),
            ("https://chat.example.com/rosterd", "/scim/v2", "https://chat.example.com/rosterd/scim/v2"),
            ("https://chat.example.com/", "/api/v1/scim/v2", "https://chat.example.com/api/v1/scim/v2"),
        ] {
            assert_eq!(joined(&PublicUrl::parse(url).unwrap(), mount), wanted);
        }
    }
}
