//! One message to one receiver.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::webhook::{WebhookRow, WebhookUrl};
use rosterd_outbound::{Answer, Message};

use super::Webhooks;
use super::secret::WebhookSecret;
use crate::error::AppResult;

/// The secrets of a webhook that sign at some moment: its own, and while it is being replaced the one before.
pub(super) struct Signing(Vec<WebhookSecret>);

impl Webhooks {
    /// What signs the deliveries of a webhook at `now`; `None` where its secret cannot be opened.
    pub(super) fn signing(&self, webhook: &WebhookRow, now: UnixSeconds) -> Option<Signing> {
        let own = self.sealer.open(&webhook.secret, &webhook.id)?.secret;
        let previous = webhook.previous_secret.as_ref().filter(|(_secret, until)| now < *until);
        // One that cannot be opened signs nothing; the receiver has the new one, too.
        let previous = previous.and_then(|(secret, _until)| self.sealer.open(secret, &webhook.id));
        Some(Signing(std::iter::once(own).chain(previous.map(|opened| opened.secret)).collect()))
    }

    /// Sends a message; gives the answer, or why there was none, as half a sentence.
    ///
    /// # Errors
    /// [`AppError::Internal`](crate::AppError::Internal) when the message cannot be signed.
    pub(super) async fn send(
        &self,
        url: &str,
        signing: &Signing,
        (id, at, payload): (&str, UnixSeconds, String),
    ) -> AppResult<Result<Answer, String>> {
        let Some(url) = WebhookUrl::from_stored(url) else {
            return Ok(Err("the stored URL cannot be read".to_owned()));
        };
        let signatures: AppResult<Vec<String>> =
            signing.0.iter().map(|secret| secret.sign(id, at, &payload)).collect();
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", concat!("rosterd/", env!("CARGO_PKG_VERSION")).to_owned()),
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", at.to_string()),
            ("webhook-signature", signatures?.join(" ")),
        ];
        let message = Message { headers, body: payload.into() };
        Ok(self.outbound.post(url.url(), message).await.map_err(|failure| failure.to_string()))
    }
}

/// Why an answer is none of success, as half a sentence; `None` where it is.
pub(super) fn fault_of(answered: &Result<Answer, String>) -> Option<String> {
    match answered {
        Ok(Answer { status: 200..=299, .. }) => None,
        Ok(Answer { status, .. }) => Some(format!("the receiver answered with status {status}")),
        Err(why) => Some(why.clone()),
    }
}

/// The status of an answer.
pub(super) fn status_of(answered: &Result<Answer, String>) -> Option<i64> {
    answered.as_ref().ok().map(|answer| i64::from(answer.status))
}
