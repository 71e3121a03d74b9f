//! The query string of a webhook's deliveries.

use rosterd_app::webhooks::MOST_DELIVERIES;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::webhook::{DeliveryQuery, DeliveryState};
use serde_json::json;

use super::query::{FromQuery, Pairs, Parameter, whole_number};
use crate::error::ApiError;

/// Deliveries of a page if nothing is said.
const PAGE_SIZE: i64 = 50;

/// The greatest number that every JSON reader knows exactly.
const LAST_POSITION: i64 = (1 << 53) - 1;

const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Deliveries of the page.",
    schema: || json!({ "type": "integer", "format": "int64", "default": PAGE_SIZE, "minimum": 1, "maximum": MOST_DELIVERIES }),
};

const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the previous page. An empty text means none.",
    schema: || json!({ "type": "string", "pattern": "^[0-9]{0,15}$" }),
};

const STATE: Parameter = Parameter {
    name: "state",
    about: "Only deliveries in this state. An empty text means all.",
    schema: || json!({ "type": "string", "enum": DeliveryState::ALL.map(DeliveryState::as_str) }),
};

/// Which deliveries of a webhook are asked for.
pub(crate) enum AskedDeliveries {}

impl FromQuery for AskedDeliveries {
    type Value = DeliveryQuery;

    const PARAMETERS: &'static [Parameter] = &[STATE, LIMIT, CURSOR];

    fn read(sent: &Pairs) -> Result<DeliveryQuery, ApiError> {
        let mut faults = Vec::new();
        let named = sent.find(STATE.name).filter(|text| !text.is_empty());
        let state = named.and_then(DeliveryState::parse);
        if named.is_some() && state.is_none() {
            let message = "A state is waiting, delivered or failed.";
            faults.push(FieldError::new("enum", &["query", STATE.name], message));
        }
        let limit = sent.find(LIMIT.name).map_or(Some(PAGE_SIZE), |text| {
            whole_number(text).filter(|limit| (1..=MOST_DELIVERIES).contains(limit))
        });
        if limit.is_none() {
            let message = format!("A whole number from 1 to {MOST_DELIVERIES} is needed.");
            faults.push(FieldError::new("int_parsing", &["query", LIMIT.name], message));
        }
        let cursor = sent.find(CURSOR.name).filter(|text| !text.is_empty());
        let before = cursor.and_then(whole_number).filter(|number| (0..=LAST_POSITION).contains(number));
        if cursor.is_some() && before.is_none() {
            let message = "The `next_cursor` of a page is needed.";
            faults.push(FieldError::new("value_error", &["query", CURSOR.name], message));
        }
        match limit {
            Some(limit) if faults.is_empty() => Ok(DeliveryQuery { state, before, limit }),
            _ => Err(ApiError::validation(faults)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    #[test]
    fn every_faulty_parameter_is_named() {
        let read = |query: &str| AskedDeliveries::read(&Pairs::read(query).unwrap());
        let Err(ApiError::App(AppError::Validation(faults))) = read("state=gone&limit=201&cursor=x") else {
            panic!()
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["state", "limit", "cursor"]);
        let asked = |state, before, limit| Some(DeliveryQuery { state, before, limit });
        assert_eq!(read("cursor=&limit=7&state=").ok(), asked(None, None, 7));
        assert_eq!(
            read("cursor=12&state=failed").ok(),
            asked(Some(DeliveryState::Failed), Some(12), PAGE_SIZE)
        );
        assert!(read("cursor=99999999999999999999").is_err());
    }
}
