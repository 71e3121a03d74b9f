//! The query strings of the audit log.

use rosterd_app::audit::MOST;
use rosterd_domain::audit::{ActionFilter, EventQuery};
use rosterd_domain::field_error::FieldError;
use rosterd_domain::permissions::lenient_bool;
use serde_json::{Value, json};

use super::query::{FromQuery, Pairs, Parameter, whole_number};
use crate::error::ApiError;

/// Events of a page if nothing is said.
const PAGE_SIZE: i64 = 100;

/// The last millisecond of the year 9999.
const LAST_MOMENT: i64 = 253_402_300_799_999;

/// The greatest number that every JSON reader knows exactly.
const LAST_POSITION: i64 = (1 << 53) - 1;

fn moment() -> Value {
    json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": LAST_MOMENT })
}

fn text() -> Value {
    json!({ "type": "string", "pattern": r"^[^\x00]*$" })
}

const ACTOR: Parameter =
    Parameter { name: "actor", about: "Only what this account or job did, by its id.", schema: text };

const SUBJECT: Parameter =
    Parameter { name: "subject", about: "Only what is about this user or group, by its id.", schema: text };

const ACTION: Parameter = Parameter {
    name: "action",
    about: "Only this action, such as `user.created`, or all of a kind, such as `user.*`. An empty text means every action.",
    schema: || json!({ "type": "string", "pattern": r"^([a-z_.]{1,64}\*?|\*)?$" }),
};

const FROM: Parameter = Parameter {
    name: "from",
    about: "Only what happened at this millisecond since the epoch, or later.",
    schema: moment,
};

const TO: Parameter = Parameter {
    name: "to",
    about: "Only what happened before this millisecond since the epoch.",
    schema: moment,
};

const CLIENT_IP: Parameter =
    Parameter { name: "client_ip", about: "Only what came from this client IP.", schema: text };

const REQUEST_ID: Parameter =
    Parameter { name: "request_id", about: "Only what belongs to the request with this id.", schema: text };

const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Events of the page.",
    schema: || json!({ "type": "integer", "format": "int64", "default": PAGE_SIZE, "minimum": 1, "maximum": MOST }),
};

const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the previous page. An empty text means none.",
    schema: text,
};

const FORMAT: Parameter = Parameter {
    name: "format",
    about: "`ocsf`: as events of the Open Cybersecurity Schema Framework 1.4.0.",
    schema: || json!({ "type": "string", "enum": ["rosterd", "ocsf"], "default": "rosterd" }),
};

/// How events are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EventFormat {
    /// As rosterd has them.
    Own,
    /// In the terms of the Open Cybersecurity Schema Framework.
    Ocsf,
}

/// A page of events for admins: what is asked, and how it is written.
pub(crate) struct AskedEvents;

/// A page of the events about the caller.
pub(crate) struct OwnEvents;

impl FromQuery for AskedEvents {
    type Value = (EventQuery, EventFormat);

    const PARAMETERS: &'static [Parameter] =
        &[ACTOR, SUBJECT, ACTION, FROM, TO, CLIENT_IP, REQUEST_ID, LIMIT, CURSOR, FORMAT];

    fn read(sent: &Pairs) -> Result<Self::Value, ApiError> {
        let mut faults = Vec::new();
        let query = read_query(sent, &mut faults);
        let format = match sent.find(FORMAT.name) {
            None | Some("rosterd") => EventFormat::Own,
            Some("ocsf") => EventFormat::Ocsf,
            Some(_) => {
                faults.push(FieldError::new(
                    "enum",
                    &["query", FORMAT.name],
                    "`rosterd` or `ocsf` is needed.",
                ));
                EventFormat::Own
            }
        };
        if faults.is_empty() { Ok((query, format)) } else { Err(ApiError::validation(faults)) }
    }
}

impl FromQuery for OwnEvents {
    type Value = EventQuery;

    const PARAMETERS: &'static [Parameter] = &[ACTION, FROM, TO, LIMIT, CURSOR];

    fn read(sent: &Pairs) -> Result<EventQuery, ApiError> {
        let mut faults = Vec::new();
        let query = read_query(sent, &mut faults);
        // Whoever else is asked for is not theirs to ask.
        let query = EventQuery { actor: None, subject: None, client_ip: None, request_id: None, ..query };
        if faults.is_empty() { Ok(query) } else { Err(ApiError::validation(faults)) }
    }
}

fn read_query(sent: &Pairs, faults: &mut Vec<FieldError>) -> EventQuery {
    let mut texts = [ACTOR, SUBJECT, CLIENT_IP, REQUEST_ID, CURSOR].map(|of| {
        let text = sent.find(of.name).filter(|text| !text.is_empty());
        if text.is_some_and(|text| text.contains('\0')) {
            let message = "A text may not hold the NUL character.";
            faults.push(FieldError::new("value_error", &["query", of.name], message));
        }
        text.map(str::to_owned)
    });
    let mut number = |of: Parameter, range: std::ops::RangeInclusive<i64>, wanted: String| {
        let number = whole_number(sent.find(of.name)?).filter(|number| range.contains(number));
        if number.is_none() {
            faults.push(FieldError::new("int_parsing", &["query", of.name], wanted));
        }
        number
    };
    let moment = format!("A whole number from 0 to {LAST_MOMENT} is needed.");
    let from = number(FROM, 0..=LAST_MOMENT, moment.clone());
    let to = number(TO, 0..=LAST_MOMENT, moment);
    let limit = number(LIMIT, 1..=MOST, format!("A whole number from 1 to {MOST} is needed."));
    let action = sent.find(ACTION.name).filter(|text| !text.is_empty());
    let filter = action.and_then(ActionFilter::parse);
    if action.is_some() && filter.is_none() {
        let message = "The name of an action is needed, such as `user.created`, or `user.*`.";
        faults.push(FieldError::new("value_error", &["query", ACTION.name], message));
    }
    let [actor, subject, client_ip, request_id, after] = &mut texts;
    EventQuery {
        actor: actor.take(),
        subject: subject.take(),
        action: filter,
        from,
        to,
        client_ip: client_ip.take(),
        request_id: request_id.take(),
        after: after.take(),
        limit: limit.unwrap_or(PAGE_SIZE),
    }
}

const POSITION: Parameter = Parameter {
    name: "position",
    about: "Only events with a higher position; without it, those that are sealed from now on. The header `Last-Event-ID` \
            counts more.",
    schema: || json!({ "type": "integer", "format": "int64", "minimum": 0, "maximum": LAST_POSITION }),
};

const FOLLOW: Parameter = Parameter {
    name: "follow",
    about: "`false`: ends after the last sealed event and does not wait for more.",
    schema: || json!({ "type": "boolean", "default": true }),
};

/// From where on events are streamed, and whether new ones are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StreamedEvents {
    /// The position before the first; `None`: the last sealed one.
    pub(crate) position: Option<i64>,
    /// New ones are waited for.
    pub(crate) follow: bool,
}

impl FromQuery for StreamedEvents {
    type Value = Self;

    const PARAMETERS: &'static [Parameter] = &[POSITION, FOLLOW];

    fn read(sent: &Pairs) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let position = sent.find(POSITION.name).filter(|text| !text.is_empty());
        let number = position.and_then(whole_number).filter(|number| (0..=LAST_POSITION).contains(number));
        if position.is_some() && number.is_none() {
            let message = format!("A whole number from 0 to {LAST_POSITION} is needed.");
            faults.push(FieldError::new("int_parsing", &["query", POSITION.name], message));
        }
        let follow = sent.find(FOLLOW.name).map_or(Some(true), |text| lenient_bool(&Value::from(text)));
        let follow = follow.unwrap_or_else(|| {
            let message = "`true` or `false` is needed.";
            faults.push(FieldError::new("bool_parsing", &["query", FOLLOW.name], message));
            true
        });
        if faults.is_empty() {
            Ok(Self { position: number, follow })
        } else {
            Err(ApiError::validation(faults))
        }
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    #[test]
    fn every_faulty_parameter_is_named() {
        let sent = Pairs::read("from=x&to=1.5&limit=0&action=User&format=xml&actor=%00").unwrap();
        let Err(ApiError::App(AppError::Validation(faults))) = AskedEvents::read(&sent) else { panic!() };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["actor", "from", "to", "limit", "action", "format"]);
        let sent = Pairs::read("position=-1&follow=maybe").unwrap();
        let Err(ApiError::App(AppError::Validation(faults))) = StreamedEvents::read(&sent) else { panic!() };
        assert_eq!(faults.len(), 2);
        // Numbers that are too large are kept as the largest, which is none of these.
        for query in ["to=9223372036854775808", "from=-1", "from=253402300800000"] {
            assert!(AskedEvents::read(&Pairs::read(query).unwrap()).is_err(), "{query}");
        }
        let sent = Pairs::read("position=9223372036854775808").unwrap();
        assert!(StreamedEvents::read(&sent).is_err());
        let sent = Pairs::read("position=0&follow=False").unwrap();
        assert_eq!(
            StreamedEvents::read(&sent).ok(),
            Some(StreamedEvents { position: Some(0), follow: false })
        );
    }

    #[test]
    fn who_asks_for_their_own_events_cannot_ask_for_those_of_others() {
        let sent = Pairs::read("subject=u-1&actor=u-2&action=user.*&limit=7").unwrap();
        let query = OwnEvents::read(&sent).ok().unwrap();
        assert_eq!((query.subject, query.actor, query.limit), (None, None, 7));
        assert_eq!(query.action, Some(ActionFilter::Begins("user.".to_owned())));
    }
}
