//! A mail: plain text, from one sender to one recipient.

use std::fmt;
use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};

use super::failure::SmtpFailure;

/// Whom mails come from.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender(Mailbox);

impl Sender {
    /// An e-mail address, with or without a name: `Name <address>`.
    ///
    /// # Errors
    /// What is wrong, as the rest of a sentence.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let wrong =
            "must be an e-mail address such as `rosterd@example.com` or `Accounts <rosterd@example.com>`";
        // lettre would take several, or fold lines.
        if text.chars().any(char::is_control) {
            return Err(wrong);
        }
        let mailbox: Mailbox = text.trim().parse().map_err(|_why| wrong)?;
        if mailbox.email.domain().is_empty() { Err(wrong) } else { Ok(Self(mailbox)) }
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A mail that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What tells it apart from all others, for its `Message-ID`: ASCII letters, digits, `-`. One that is sent twice is one mail for
    /// whoever reads it.
    pub id: String,
    /// When it is sent, in seconds since the epoch.
    pub at: i64,
    /// The recipient's name.
    pub name: String,
    /// The recipient's e-mail address.
    pub recipient: String,
    /// The subject, in one line.
    pub subject: String,
    /// The text; its lines end in `\n`.
    pub text: String,
}

impl Letter {
    /// The mail as it is sent.
    pub(super) fn message(&self, sender: &Sender) -> Result<Message, SmtpFailure> {
        let unfit = |what: &str| SmtpFailure::Refused(format!("{what} cannot stand in a mail"));
        let address: Address = self.recipient.trim().parse().map_err(|_why| unfit("the e-mail address"))?;
        let name = Some(in_header(&self.name)).filter(|name| !name.is_empty());
        let seconds = Duration::from_secs(u64::try_from(self.at).unwrap_or_default());
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(sender.0.clone())
            .to(Mailbox::new(name, address))
            .subject(in_header(&self.subject))
            .date(SystemTime::UNIX_EPOCH + seconds)
            .message_id(Some(format!("<{}@{}>", self.id, sender.0.email.domain())))
            // No program is to answer it (RFC 3834).
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .singlepart(SinglePart::plain(self.text.clone()))
            .map_err(|_why| unfit("the text"))
    }
}

/// A text for a header. No line break can begin another one.
fn in_header(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter() -> Letter {
        Letter {
            id: "0199-1".to_owned(),
            at: 1_800_000_000,
            name: "Ada Straße\r\nBcc: eve@example.com".to_owned(),
            recipient: "ada@example.com".to_owned(),
            subject: "Über\nX-Evil: 1".to_owned(),
            text: "Grüße,\n.\nBye\n".to_owned(),
        }
    }

    #[test]
    fn a_mail_has_its_headers_and_no_others() {
        let sender = Sender::parse("Accounts <rosterd@example.org>").unwrap();
        let message = letter().message(&sender).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let names: Vec<_> = head
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap())
            .collect();
        for wanted in ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"] {
            assert!(names.contains(&wanted), "{wanted}: {names:?}");
        }
        assert!(!names.contains(&"Bcc") && !names.contains(&"X-Evil"), "{head}");
        assert!(
            head.contains("<0199-1@example.org>") && head.contains("Fri, 15 Jan 2027 08:00:00"),
            "{head}"
        );
        assert!(body.is_ascii(), "{body}");
        let to: Vec<_> = message.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(to, ["ada@example.com"]);
    }

    #[test]
    fn what_is_no_address_is_refused_for_good() {
        for recipient in ["", "ada", "ada@", "ada@example.com\r\nRCPT TO:<eve@example.com>", "a@b, c@d"] {
            let sender = Sender::parse("rosterd@example.org").unwrap();
            let refused = Letter { recipient: recipient.to_owned(), ..letter() }.message(&sender);
            assert!(matches!(refused, Err(SmtpFailure::Refused(_))), "{recipient:?}");
        }
    }

    #[test]
    fn a_sender_is_one_address() {
        for wrong in ["", "rosterd", "a@b, c@d", "A <a@b>\nBcc: <c@d>"] {
            assert!(Sender::parse(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(format!("{:?}", Sender::parse(" Chat <a@example.org> ").unwrap()), "Chat <a@example.org>");
    }
}
