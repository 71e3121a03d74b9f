//! The outbox of mails.

use crate::endpoint::Failure::{Conflict, NotFound};
use crate::endpoint::{Section, get, post};
use crate::mail;

/// The endpoints.
pub(super) fn section() -> Section {
    let lines = vec![
        get("/api/v1/mail", "listMails", mail::list_mails)
            .doc("The mails of the outbox", "A page of mails, newest first (rules Q1 to Q4). Texts and tokens are not kept.")
            .note(
                "409 on a database of Open WebUI without rosterd's tables, which `rosterd adopt --apply` adds. Mails that have \
                 ended are listed for 30 days.",
            )
            .fails(&[Conflict]),
        post("/api/v1/mail/test", "testMail", mail::test_mail)
            .doc("Send a test mail to oneself", "What the mail server said.")
            .note("Waits for the mail server, about a minute at most. 409 where mail is not set up.")
            .fails(&[Conflict]),
        post("/api/v1/mail/{id}/retry", "retryMail", mail::retry_mail)
            .doc("Send a mail once more", "The mail, which waits.")
            .note("With all its attempts. 409 for a mail that was sent, and where mail is not set up.")
            .fails(&[NotFound, Conflict]),
    ];
    Section { tag: "mail", about: "Mails that the server sends.", lines }
}
