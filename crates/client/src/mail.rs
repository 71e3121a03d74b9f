//! The outbox of mails. All of it is for admins.

use reqwest::Method;
use rosterd_domain::mail::{MailInfo, MailState, MailTest};
use serde::Deserialize;

use crate::client::{Client, read, send};
use crate::error::Error;

const MAIL: [&str; 3] = ["api", "v1", "mail"];

/// One page of mails.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MailPage {
    /// The mails, newest first.
    pub mails: Vec<MailInfo>,
    /// Where the next page begins, if there may be more.
    pub next_cursor: Option<String>,
}

impl Client {
    /// A page of mails, in this state or in any, newest first: the first, or the one after the page that named this
    /// [cursor](MailPage::next_cursor).
    ///
    /// # Errors
    /// `CONFLICT` on a database without the table for them; [`Error`].
    pub async fn list_mails(
        &self,
        state: Option<MailState>,
        cursor: Option<&str>,
        limit: Option<u16>,
    ) -> Result<MailPage, Error> {
        let request = self.request(Method::GET, &MAIL);
        let request = request.query(&state.map(|state| [("state", state.as_str())]));
        let request = request.query(&cursor.map(|cursor| [("cursor", cursor)]));
        let request = request.query(&limit.map(|limit| [("limit", limit)]));
        read(send(request).await?).await
    }

    /// Has a mail sent once more.
    ///
    /// # Errors
    /// `NOT_FOUND`; `CONFLICT` for one that was sent, and where mail is not set up; as [`Self::list_mails`].
    pub async fn retry_mail(&self, id: impl AsRef<str>) -> Result<MailInfo, Error> {
        self.post_nothing(&["api", "v1", "mail", id.as_ref(), "retry"]).await
    }

    /// Sends a test mail to the caller, and waits for what the mail server says.
    ///
    /// # Errors
    /// `CONFLICT` where mail is not set up; [`Error`].
    pub async fn test_mail(&self) -> Result<MailTest, Error> {
        self.post_nothing(&["api", "v1", "mail", "test"]).await
    }
}
