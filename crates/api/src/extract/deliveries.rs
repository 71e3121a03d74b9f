//! The query string of a webhook's deliveries.

use rosterd_app::webhooks::MOST_DELIVERIES;
use rosterd_domain::webhook::{DeliveryQuery, DeliveryState};
use serde_json::json;

use super::outbox_page::{PAGE_SIZE, read_page};
use super::query::{FromQuery, Pairs, Parameter, whole_number};
use crate::error::ApiError;

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
        let position = |text: &str| whole_number(text).filter(|number| (0..=LAST_POSITION).contains(number));
        let states = ("waiting, delivered or failed", DeliveryState::parse);
        let (state, before, limit) = read_page(sent, states, position, MOST_DELIVERIES)?;
        Ok(DeliveryQuery { state, before, limit })
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
