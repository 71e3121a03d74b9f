//! Giving events their order and their seals, and removing those whose time is over. docs/AUDIT.md says what that is worth.

use std::time::Duration;

use rosterd_domain::audit::{Chain, seal_of};
use rosterd_domain::clock::UnixMillis;
use rosterd_storage::{Lock, SealedEvent};

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// Events in one transaction at most: on SQLite all writes wait for it.
const TOGETHER: usize = 500;

/// A row that counts is sealed when its minute has been over for so long: nobody adds to it any more.
const COUNTED_FOR: UnixMillis = 120_000;

/// Seals what is not sealed, a few hundred events in a transaction; gives how many that were. Writes wait for nothing here: an
/// event has no place in the order before it is sealed.
///
/// # Errors
/// Those of the store; what was sealed stays so.
pub async fn seal(app: &App) -> AppResult<usize> {
    let mut sealed = 0;
    while is_anything_unsealed(app).await? {
        let batch = app.write(Caller::job("audit_seal"), seal_batch).await?;
        sealed += batch;
        if batch < TOGETHER {
            break;
        }
    }
    Ok(sealed)
}

/// Looked at first, so that nothing is written where nothing is to be sealed.
async fn is_anything_unsealed(app: &App) -> AppResult<bool> {
    if !app.store().layout().events {
        return Ok(false);
    }
    let counted_before = app.now_millis().saturating_sub(COUNTED_FOR);
    app.read(Caller::job("audit_seal"), move |act| {
        Ok(!act.housekeeping().list_unsealed_events(counted_before, 1)?.is_empty())
    })
    .await
}

fn seal_batch(act: &mut Act<'_>) -> AppResult<usize> {
    // The lease is lost where it ends while this waits; the lock keeps another process from sealing the same.
    act.read().lock(Lock::Audit)?;
    let counted_before = act.app().now_millis().saturating_sub(COUNTED_FOR);
    let most = i64::try_from(TOGETHER).unwrap_or(i64::MAX);
    let rows = act.housekeeping().list_unsealed_events(counted_before, most)?;
    let mut chains = act.read().find_chains()?;
    let mut position = chains.iter().map(|chain| chain.position).max().unwrap_or_default();
    let mut sealed = Vec::with_capacity(rows.len());
    for mut row in rows {
        position += 1;
        row.position = Some(position);
        let [lasting, passing] = &mut chains;
        let chain = match Chain::of(&row.action) {
            Chain::Lasting => lasting,
            Chain::Passing => passing,
        };
        chain.seal = seal_of(&chain.seal, &row);
        chain.position = position;
        sealed.push(SealedEvent { id: row.id, position, seal: chain.seal.clone() });
    }
    if !sealed.is_empty() {
        act.housekeeping().seal_events(&sealed, &chains)?;
    }
    Ok(sealed.len())
}

/// Removes the sealed events whose time is over; gives how many that were.
///
/// # Errors
/// Those of the store; what was removed stays so.
pub async fn remove_old(app: &App) -> AppResult<usize> {
    let settings = &app.settings().audit;
    let mut removed = 0;
    for (chain, kept_for) in
        [(Chain::Passing, Some(settings.passing_for)), (Chain::Lasting, settings.lasting_for)]
    {
        if let Some(kept_for) = kept_for.filter(|_| app.store().layout().events) {
            removed += remove_older(app, chain, kept_for).await?;
        }
    }
    Ok(removed)
}

async fn remove_older(app: &App, chain: Chain, kept_for: Duration) -> AppResult<usize> {
    let kept_for = UnixMillis::try_from(kept_for.as_millis()).unwrap_or(UnixMillis::MAX);
    let before = app.now_millis().saturating_sub(kept_for);
    let most = i64::try_from(TOGETHER).unwrap_or(i64::MAX);
    let mut removed = 0;
    loop {
        let batch = app
            .write(Caller::job("audit_retention"), move |act| {
                act.read().lock(Lock::Audit)?;
                Ok::<_, AppError>(act.housekeeping().remove_events(chain, before, most)?)
            })
            .await?;
        removed += batch;
        if batch < TOGETHER {
            return Ok(removed);
        }
    }
}
