//! The query string of the mails.

use rosterd_app::mail::MOST_MAILS;
use rosterd_domain::ids::MailId;
use rosterd_domain::mail::{MailQuery, MailState};
use serde_json::json;

use super::outbox_page::{PAGE_SIZE, read_page};
use super::query::{FromQuery, Pairs, Parameter};
use crate::error::ApiError;

const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Mails of the page.",
    schema: || json!({ "type": "integer", "format": "int64", "default": PAGE_SIZE, "minimum": 1, "maximum": MOST_MAILS }),
};

const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the previous page. An empty text means none.",
    schema: || json!({ "type": "string", "pattern": "^[0-9a-f-]{0,36}$" }),
};

const STATE: Parameter = Parameter {
    name: "state",
    about: "Only mails in this state. An empty text means all.",
    schema: || json!({ "type": "string", "enum": MailState::ALL.map(MailState::as_str) }),
};

/// Which mails are asked for.
pub(crate) enum AskedMails {}

impl FromQuery for AskedMails {
    type Value = MailQuery;

    const PARAMETERS: &'static [Parameter] = &[STATE, LIMIT, CURSOR];

    fn read(sent: &Pairs) -> Result<MailQuery, ApiError> {
        let states = ("waiting, sent, failed or cancelled", MailState::parse);
        let (state, before, limit) = read_page(sent, states, id, MOST_MAILS)?;
        Ok(MailQuery { state, before, limit })
    }
}

/// The id of a mail, by its form.
fn id(text: &str) -> Option<MailId> {
    let is_one =
        text.len() <= 36 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    is_one.then(|| MailId::from_stored(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    #[test]
    fn every_faulty_parameter_is_named() {
        let read = |query: &str| AskedMails::read(&Pairs::read(query).unwrap());
        let Err(ApiError::App(AppError::Validation(faults))) = read("state=gone&limit=201&cursor=x") else {
            panic!()
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["state", "limit", "cursor"]);
        let asked = |state, before: Option<&str>, limit| {
            let before = before.map(|id| MailId::from_stored(id.to_owned()));
            Some(MailQuery { state, before, limit })
        };
        assert_eq!(read("cursor=&limit=7&state=").ok(), asked(None, None, 7));
        let failed = asked(Some(MailState::Failed), Some("0199-a"), PAGE_SIZE);
        assert_eq!(read("cursor=0199-a&state=failed").ok(), failed);
    }
}
