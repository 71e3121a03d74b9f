//! `rosterd webhook list` and `rosterd webhook deliveries`.

use rosterd_app::webhooks::{self, MOST_DELIVERIES};
use rosterd_app::{App, Caller};
use rosterd_domain::ids::WebhookId;
use rosterd_domain::webhook::{DeliveryQuery, DeliveryState, WebhookDelivery, WebhookInfo};

use crate::cli::CliError;
use crate::cli::output::{Output, moment, plain};

pub(super) async fn list(app: &App, output: Output) -> Result<(), CliError> {
    let webhooks = app.snapshot(Caller::operator(), webhooks::list).await?;
    let mut rows = output.rows(&["ID", "STATE", "WAITING", "URL", "EVENTS", "DESCRIPTION"]);
    for webhook in &webhooks {
        rows.row(&serde_json::to_value(webhook).map_err(CliError::Json)?, || of_webhook(webhook))?;
    }
    rows.finish()
}

fn of_webhook(webhook: &WebhookInfo) -> Vec<String> {
    let state = webhook.disabled.as_ref().map_or_else(
        || "on".to_owned(),
        |disabled| format!("off ({}) since {}", plain(&disabled.reason), moment(disabled.at)),
    );
    vec![
        plain(webhook.id.as_str()),
        state,
        webhook.waiting.to_string(),
        plain(&webhook.url),
        plain(&webhook.events.join(" ")),
        plain(&webhook.description),
    ]
}

pub(super) async fn deliveries(
    app: &App,
    id: WebhookId,
    (state, limit): (Option<DeliveryState>, i64),
    output: Output,
) -> Result<(), CliError> {
    let mut rows = output.rows(&["ID", "EVENT", "STATE", "TRIES", "LAST TRY", "NEXT TRY", "STATUS", "ERROR"]);
    let (mut left, mut before) = (limit, None);
    while left > 0 {
        let (id, most) = (id.clone(), left.min(MOST_DELIVERIES));
        let query = DeliveryQuery { state, before, limit: most };
        let list = move |act: &mut rosterd_app::Act<'_>| webhooks::list_deliveries(act, &id, &query);
        let page = app.snapshot(Caller::operator(), list).await?;
        for delivery in &page {
            rows.row(&serde_json::to_value(delivery).map_err(CliError::Json)?, || of_delivery(delivery))?;
        }
        let is_last = i64::try_from(page.len()).is_ok_and(|count| count < most);
        before = page.last().map(|last| last.position);
        left -= most;
        if is_last {
            break;
        }
    }
    rows.finish()
}

fn of_delivery(delivery: &WebhookDelivery) -> Vec<String> {
    let none = || "-".to_owned();
    vec![
        plain(delivery.id.as_str()),
        plain(&delivery.event),
        delivery.state.as_str().to_owned(),
        delivery.tries.to_string(),
        delivery.last_try_at.map_or_else(none, moment),
        delivery.next_try_at.map_or_else(none, moment),
        delivery.status.map_or_else(none, |status| status.to_string()),
        delivery.error.as_deref().map_or_else(none, plain),
    ]
}
