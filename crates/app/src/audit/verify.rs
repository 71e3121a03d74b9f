//! Verifying the log, its head, and erasing a person from it.

use rosterd_domain::audit::{ChainState, EventRow, Head, Report, Verifier};
use rosterd_domain::clock::UnixMillis;
use rosterd_domain::ids::UserId;
use rosterd_storage::Lock;

use crate::app::App;
use crate::caller::Caller;
use crate::deleted;
use crate::error::{AppError, AppResult};
use crate::event::Event;

/// Events that are read at a time.
const PAGE: i64 = 2000;

/// Events that are erased in one transaction.
const ERASED_TOGETHER: i64 = 200;

/// Why there is nothing to be asked.
const NO_LOG: &str = "This database keeps no events. In a database of Open WebUI `rosterd adopt --apply` adds the tables for them.";

/// What a verification of the whole log found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Of the sealed events.
    pub report: Report,
    /// How many events are not sealed yet.
    pub unsealed: i64,
    /// When the oldest of them happened.
    pub oldest_unsealed: Option<UnixMillis>,
}

/// Refuses where there is no log.
pub(super) fn ensure_log(app: &App) -> AppResult<()> {
    if app.store().layout().events { Ok(()) } else { Err(AppError::NotFound(NO_LOG)) }
}

/// Verifies all sealed events. `expected` is a [head](head()) that was kept elsewhere.
///
/// # Errors
/// [`AppError::NotFound`] where the database keeps no events; [`AppError::Conflict`] where old events were removed all the
/// while; [`AppError::AccessProhibited`] for all but the operator; those of the store.
pub async fn verify(app: &App, caller: Caller, expected: Option<Head>) -> AppResult<Verified> {
    ensure_log(app)?;
    for _ in 0..3 {
        let (chains, unsealed) = app
            .scan(caller.clone(), |act| {
                act.actor().ensure_operator()?;
                Ok::<_, AppError>((act.read().find_chains()?, act.read().count_unsealed_events()?))
            })
            .await?;
        let report = look_through(app, &caller, &chains, expected.clone()).await?;
        let now = app.scan(caller.clone(), |act| Ok::<_, AppError>(act.read().find_chains()?)).await?;
        let removed = |chains: &[ChainState; 2]| chains.each_ref().map(|chain| chain.removed_position);
        if removed(&now) == removed(&chains) {
            let (unsealed, oldest_unsealed) = unsealed;
            return Ok(Verified { report, unsealed, oldest_unsealed });
        }
    }
    Err(AppError::Conflict("Old events were removed while the log was verified. Try again."))
}

async fn look_through(
    app: &App,
    caller: &Caller,
    chains: &[ChainState; 2],
    expected: Option<Head>,
) -> AppResult<Report> {
    let mut verifier = Verifier::new(chains.clone(), expected);
    let end = chains.iter().map(|chain| chain.position).max().unwrap_or_default();
    let mut after = i64::MIN;
    loop {
        let page = sealed_page(app, caller, after).await?;
        let Some(last) = page.last().and_then(|row| row.position) else { break };
        // What was sealed meanwhile is for the next time.
        for row in page.iter().filter(|row| row.position <= Some(end)) {
            verifier.look_at(row);
        }
        if last >= end {
            break;
        }
        after = last;
    }
    Ok(verifier.end())
}

async fn sealed_page(app: &App, caller: &Caller, after: i64) -> AppResult<Vec<EventRow>> {
    app.scan(caller.clone(), move |act| Ok(act.read().list_sealed_events(after, PAGE)?)).await
}

/// How far the log is sealed.
///
/// # Errors
/// As [`verify`].
pub async fn head(app: &App, caller: Caller) -> AppResult<Head> {
    ensure_log(app)?;
    app.read(caller, |act| {
        act.actor().ensure_operator()?;
        let [lasting, passing] = act.read().find_chains()?;
        let position = lasting.position.max(passing.position);
        Ok(Head { position, lasting: lasting.seal, passing: passing.seal })
    })
    .await
}

/// What [`erase`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Erased {
    /// How many events were erased.
    pub events: usize,
    /// Whether the person's deleted account was kept, and is no more.
    pub purged: bool,
}

/// Replaces what the log says about a person by hashes: client IP, label and details of the events about them, and the client
/// IP of refused calls of theirs. Ids stay, and so does the seal of each event. If their account was deleted and is kept, it is
/// purged first (rule B5).
///
/// # Errors
/// As [`verify`].
pub async fn erase(app: &App, caller: Caller, user: UserId) -> AppResult<Erased> {
    ensure_log(app)?;
    let id = user.clone();
    let purged = app
        .write(caller.clone(), move |act| {
            act.actor().ensure_operator()?;
            deleted::purge_erased(act, &id)
        })
        .await?;
    let (mut erased, mut after) = (0, String::new());
    loop {
        let (id, from) = (user.clone(), after.clone());
        let batch = app
            .write(caller.clone(), move |act| {
                act.actor().ensure_operator()?;
                act.read().lock(Lock::Audit)?;
                let rows = act.housekeeping().list_events_to_erase(id.as_str(), &from, ERASED_TOGETHER)?;
                let last = rows.last().map(|row| row.id.clone());
                let rows: Vec<EventRow> = rows.into_iter().map(EventRow::erased).collect();
                act.housekeeping().replace_erased_events(&rows)?;
                Ok::<_, AppError>((rows.len(), last))
            })
            .await?;
        erased += batch.0;
        match batch.1 {
            Some(last) => after = last,
            None => break,
        }
    }
    if erased > 0 {
        app.write(caller, move |act| {
            act.tell(Event::AuditErased(user));
            Ok::<_, AppError>(())
        })
        .await?;
    }
    Ok(Erased { events: erased, purged })
}
