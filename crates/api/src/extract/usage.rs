//! The query string of `GET /users/usage`.

use rosterd_domain::field_error::FieldError;
use rosterd_domain::usage::{MAX_DAYS, MIN_DAYS, UsageRequest};
use serde_json::json;

use super::query::{FromQuery, Pairs, Parameter, whole_number};
use crate::error::ApiError;

const DAYS: Parameter = Parameter {
    name: "days",
    about: "How many days up to the end.",
    schema: || json!({ "type": "integer", "minimum": MIN_DAYS, "maximum": MAX_DAYS, "default": 730 }),
};

const START_DATE: Parameter = Parameter {
    name: "start_date",
    about: "The first second since the epoch; it counts more than `days`.",
    schema: || json!({ "type": "integer" }),
};

const END_DATE: Parameter = Parameter {
    name: "end_date",
    about: "The last second since the epoch; now, where it is absent or 0.",
    schema: || json!({ "type": "integer" }),
};

impl FromQuery for UsageRequest {
    type Value = Self;

    const PARAMETERS: &'static [Parameter] = &[DAYS, START_DATE, END_DATE];

    fn read(sent: &Pairs) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let mut number = |of: Parameter, range: std::ops::RangeInclusive<i64>, wanted: &str| {
            let number = whole_number(sent.find(of.name)?).filter(|number| range.contains(number));
            if number.is_none() {
                faults.push(FieldError::new("int_parsing", &["query", of.name], wanted));
            }
            number
        };
        let any = i64::MIN..=i64::MAX;
        let asked = Self {
            days: number(DAYS, MIN_DAYS..=MAX_DAYS, "A whole number from 7 to 732 is needed."),
            start_date: number(START_DATE, any.clone(), "A whole number is needed."),
            end_date: number(END_DATE, any, "A whole number is needed."),
        };
        if faults.is_empty() { Ok(asked) } else { Err(ApiError::validation(faults)) }
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    fn read(query: &str) -> Result<UsageRequest, ApiError> {
        UsageRequest::read(&Pairs::read(query)?)
    }

    #[test]
    fn every_faulty_parameter_is_named() {
        let Err(ApiError::App(AppError::Validation(faults))) = read("days=6&start_date=y&end_date=1.5")
        else {
            panic!()
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["days", "start_date", "end_date"]);
        let asked = UsageRequest { days: Some(732), start_date: Some(-5), end_date: None };
        assert_eq!(read("days=732&start_date=-5").ok(), Some(asked));
    }
}
