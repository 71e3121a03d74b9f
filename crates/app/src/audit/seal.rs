//! Giving events their order and their seals, and removing those whose time is over. docs/AUDIT.md says what that is worth.

use std::time::Duration;

use rosterd_domain::audit::{Chain, ChainState, EventRow, seal_next};
use rosterd_domain::clock::UnixMillis;
use rosterd_storage::{Lock, SealedEvent};

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// Events in one transaction at most: on SQLite all writes wait for it. The more there are, the more of them share a page of an
/// index.
const TOGETHER: usize = 500;

/// A row that counts is sealed when its minute has been over for so long: nobody adds to it any more.
const COUNTED_FOR: UnixMillis = 120_000;

/// Seals what is not sealed, a few hundred events in a transaction; gives how many that were. An event has no place in the
/// order before it is sealed, so no write waits for its place. Seals are computed beside the writes, and then only written.
///
/// # Errors
/// Those of the store; what was sealed stays so.
pub async fn seal(app: &App) -> AppResult<usize> {
    let mut sealed = 0;
    while let Some(batch) = next_batch(app).await? {
        let written = app.write(Caller::job("audit_seal"), move |act| batch.write(act)).await?;
        sealed += written;
        if written < TOGETHER {
            break;
        }
    }
    Ok(sealed)
}

/// Events with their places and seals, to be written.
struct Batch {
    /// The ends of the chains that they go on from.
    from: [ChainState; 2],
    events: Vec<SealedEvent>,
    /// The ends of the chains with them.
    to: [ChainState; 2],
}

/// The oldest events without a seal, with the seals they get; `None` where there is nothing to be sealed.
async fn next_batch(app: &App) -> AppResult<Option<Batch>> {
    if !app.store().layout().events {
        return Ok(None);
    }
    let (caller, next) = (Caller::job("audit_seal"), |act: &mut Act<'_>| Batch::next(act));
    // A replica may show events without a seal that have one by now.
    if app.store().scans_may_lag() { app.snapshot(caller, next).await } else { app.scan(caller, next).await }
}

impl Batch {
    fn next(act: &mut Act<'_>) -> AppResult<Option<Self>> {
        // The chains first: if they are the same when this is written, nobody has sealed any of the events since.
        let from = act.read().find_chains()?;
        let counted_before = act.app().now_millis().saturating_sub(COUNTED_FOR);
        let most = i64::try_from(TOGETHER).unwrap_or(i64::MAX);
        let rows = act.housekeeping().list_unsealed_events(counted_before, most)?;
        let mut to = from.clone();
        let mut events = Vec::with_capacity(rows.len());
        for mut row in rows {
            seal_next(&mut to, &mut row);
            let EventRow { id, position, seal, .. } = row;
            events.extend(position.zip(seal).map(|(position, seal)| SealedEvent { id, position, seal }));
        }
        Ok(if events.is_empty() { None } else { Some(Self { from, events, to }) })
    }

    /// Writes the seals; gives how many. If somebody else has sealed since they were computed, they are computed again, while
    /// nobody can: where writes seal their own events, somebody often has.
    fn write(self, act: &mut Act<'_>) -> AppResult<usize> {
        // The lease is lost where it ends while this waits; the lock keeps another process from sealing the same.
        act.read().lock(Lock::Audit)?;
        let now = act.read().find_chains()?;
        let ends =
            |chains: &[ChainState; 2]| chains.each_ref().map(|chain| (chain.position, chain.seal.clone()));
        let Some(Self { events, mut to, .. }) =
            (if ends(&now) == ends(&self.from) { Some(self) } else { Self::next(act)? })
        else {
            return Ok(0);
        };
        // What was removed meanwhile stays removed.
        for (to, now) in to.iter_mut().zip(now) {
            to.removed_position = now.removed_position;
            to.removed_seal = now.removed_seal;
        }
        act.housekeeping().seal_events(&events, &to)?;
        Ok(events.len())
    }
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
