//! The query string of a webhook's deliveries.

use rosterd_app::webhooks::MOST_DELIVERIES;
use rosterd_domain::field_error::FieldError;
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

/// Which deliveries of a webhook are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AskedDeliveries {
    /// Those of events below this position; `None`: all.
    pub(crate) before: Option<i64>,
    /// At most so many.
    pub(crate) limit: i64,
}

impl FromQuery for AskedDeliveries {
    type Value = Self;

    const PARAMETERS: &'static [Parameter] = &[LIMIT, CURSOR];

    fn read(sent: &Pairs) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
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
            Some(limit) if faults.is_empty() => Ok(Self { before, limit }),
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
        let Err(ApiError::App(AppError::Validation(faults))) = read("limit=201&cursor=x") else { panic!() };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["limit", "cursor"]);
        assert_eq!(read("cursor=&limit=7").ok(), Some(AskedDeliveries { before: None, limit: 7 }));
        assert_eq!(read("cursor=12").ok(), Some(AskedDeliveries { before: Some(12), limit: PAGE_SIZE }));
        assert!(read("cursor=99999999999999999999").is_err());
    }
}
