//! The query string of `GET /users/usage`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use rosterd_domain::field_error::FieldError;
use rosterd_domain::usage::{MAX_DAYS, MIN_DAYS, UsageRequest};
use serde_json::json;

use super::Checked;
use super::query::{Pairs, whole_number};
use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;

/// Which part of the past is asked for.
pub(crate) struct UsageParams(Result<UsageRequest, ApiError>);

impl Checked for UsageParams {
    type Value = UsageRequest;

    fn into_result(self) -> Result<UsageRequest, ApiError> {
        self.0
    }
}

impl FromRequest for UsageParams {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(read(request.query_string()))))
    }
}

impl Argument for UsageParams {
    fn describe(operation: &mut Operation) {
        let mut number = |name: &str, about: &str, schema: serde_json::Value| {
            operation.parameter(json!({
                "name": name, "in": "query", "description": about, "required": false, "schema": schema,
            }));
        };
        let days = json!({ "type": "integer", "minimum": MIN_DAYS, "maximum": MAX_DAYS, "default": 730 });
        number("days", "How many days up to the end.", days);
        let second = || json!({ "type": "integer" });
        number("start_date", "The first second since the epoch; it counts more than `days`.", second());
        number("end_date", "The last second since the epoch; now, where it is absent or 0.", second());
        operation.fails(&[Failure::ValidationError]);
    }
}

fn read(query_string: &str) -> Result<UsageRequest, ApiError> {
    let pairs = Pairs::read(query_string)?;
    let mut faults = Vec::new();
    let mut number = |name: &'static str, range: std::ops::RangeInclusive<i64>, wanted: &str| {
        let number = whole_number(pairs.find(name)?).filter(|number| range.contains(number));
        if number.is_none() {
            faults.push(FieldError::new("int_parsing", &["query", name], wanted));
        }
        number
    };
    let any = i64::MIN..=i64::MAX;
    let asked = UsageRequest {
        days: number("days", MIN_DAYS..=MAX_DAYS, "A whole number from 7 to 732 is needed."),
        start_date: number("start_date", any.clone(), "A whole number is needed."),
        end_date: number("end_date", any, "A whole number is needed."),
    };
    if faults.is_empty() { Ok(asked) } else { Err(ApiError::validation(faults)) }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

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
