//! What is done beside the deliveries: secrets are sealed anew, old deliveries are removed.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::webhook::{MAX_ENDED, SealedText, WebhookRow};
use rosterd_storage::Lock;

use super::secret::Sealer;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// Seals the secrets anew that were sealed with a key of the token secret before; gives how many webhooks that were. Afterwards
/// the secret before is not needed any more.
///
/// # Errors
/// Those of the store.
pub async fn seal_anew(app: &App) -> AppResult<usize> {
    if !app.webhooks().sealer.is_changing() || !app.store().layout().webhooks {
        return Ok(0);
    }
    let is_any_old = app
        .snapshot(Caller::job("webhooks"), |act| {
            let sealer = &act.app().webhooks().sealer;
            let rows = act.read().list_webhooks()?;
            // An error is told by the writing, below.
            Ok::<_, AppError>(rows.iter().any(|row| !matches!(resealed(sealer, row), Ok(None))))
        })
        .await?;
    if !is_any_old {
        return Ok(0);
    }
    app.write(Caller::job("webhooks"), |act| {
        let sealer = &act.app().webhooks().sealer;
        act.read().lock(Lock::Webhooks)?;
        let mut count = 0;
        for row in act.read().list_webhooks()? {
            if let Some(row) = resealed(sealer, &row)? {
                act.housekeeping().replace_secrets(&row)?;
                count += 1;
            }
        }
        Ok::<_, AppError>(count)
    })
    .await
}

/// The webhook with its secrets sealed anew; `None` where nothing is to be done, or nothing can.
fn resealed(sealer: &Sealer, row: &WebhookRow) -> AppResult<Option<WebhookRow>> {
    let anew = |sealed: &SealedText| match sealer.open(sealed, &row.id) {
        Some(opened) if opened.is_old => sealer.seal(&opened.secret, &row.id).map(Some),
        _ => Ok(None),
    };
    let secret = anew(&row.secret)?;
    let previous = match &row.previous_secret {
        Some((before, until)) => anew(before)?.map(|renewed| (renewed, *until)),
        None => None,
    };
    if secret.is_none() && previous.is_none() {
        return Ok(None);
    }
    let (secret, previous_secret) =
        (secret.unwrap_or_else(|| row.secret.clone()), previous.or_else(|| row.previous_secret.clone()));
    Ok(Some(WebhookRow { secret, previous_secret, ..row.clone() }))
}

/// Removes deliveries that ended long ago, and the oldest where a webhook has more than [`MAX_ENDED`]; gives how many.
///
/// # Errors
/// Those of the store; what was removed stays so.
pub async fn remove_old(app: &App) -> AppResult<usize> {
    let kept_for =
        UnixSeconds::try_from(app.settings().webhooks.kept_for.as_secs()).unwrap_or(UnixSeconds::MAX);
    let before = app.now().saturating_sub(kept_for);
    let rows = app
        .read(Caller::job("webhook_retention"), |act| Ok::<_, AppError>(act.read().list_webhooks()?))
        .await?;
    let mut removed = 0;
    for row in rows {
        removed += app
            .write(Caller::job("webhook_retention"), move |act| {
                Ok::<_, AppError>(act.housekeeping().forget_deliveries(&row.id, before, MAX_ENDED)?)
            })
            .await?;
    }
    Ok(removed)
}
