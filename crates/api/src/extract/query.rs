//! Query strings of lists (rules L1 and L2).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use rosterd_app::lists::ListRequest;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::list::{Cursor, ListQuery, MAX_LIMIT, Order, PAGE_SIZE, SearchText, Window};
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

use super::Checked;
use crate::endpoint::{Argument, Failure, Operation};
use crate::error::ApiError;
use crate::schemas::ListParameters;

/// The parameters of a list, read and judged.
#[derive(Debug)]
pub(crate) struct ListParams(Result<ListRequest, ApiError>);

impl Checked for ListParams {
    type Value = ListRequest;

    fn into_result(self) -> Result<ListRequest, ApiError> {
        self.0
    }
}

impl FromRequest for ListParams {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Ok(Self(read(request.query_string()))))
    }
}

impl Argument for ListParams {
    fn describe(operation: &mut Operation) {
        for parameter in ListParameters::into_params(|| Some(ParameterIn::Query)) {
            // A parameter always has a JSON form.
            operation.parameter(serde_json::to_value(parameter).unwrap_or_default());
        }
        operation.fails(&[Failure::ValidationError]);
    }
}

fn read(query_string: &str) -> Result<ListRequest, ApiError> {
    // A parameter given twice counts once, the last time; unknown ones are ignored.
    let pairs = web::Query::<Vec<(String, String)>>::from_query(query_string)
        .map(web::Query::into_inner)
        .map_err(|_why| ApiError::field("value_error", &["query"], "The query string cannot be read."))?;
    let find = |name: &str| pairs.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mut faults = Vec::new();
    let page = find("page").map_or(Some(1), whole_number);
    if page.is_none() {
        faults.push(FieldError::new("int_parsing", &["query", "page"], "A whole number is needed."));
    }
    let limit = match find("limit").map(whole_number) {
        None => Some(PAGE_SIZE),
        Some(Some(limit)) if (1..=MAX_LIMIT).contains(&limit) => Some(limit),
        Some(_) => {
            let message = format!("A whole number from 1 to {MAX_LIMIT} is needed.");
            faults.push(FieldError::new("int_parsing", &["query", "limit"], message));
            None
        }
    };
    let search = find("query").unwrap_or_default();
    if search.contains('\0') {
        faults.push(FieldError::new(
            "value_error",
            &["query", "query"],
            "A text may not hold the NUL character.",
        ));
    }
    let order = Order::parse(find("order_by"), find("direction"));
    let cursor = match find("cursor").filter(|text| !text.is_empty()).map(|text| Cursor::decode(text, &order))
    {
        None => None,
        Some(Ok(cursor)) => Some(cursor),
        Some(Err(why)) => {
            faults.push(FieldError::new("value_error", &["query", "cursor"], why.to_string()));
            None
        }
    };
    let (Some(page), Some(limit), true) = (page, limit, faults.is_empty()) else {
        return Err(ApiError::validation(faults));
    };
    let window = match cursor {
        Some(cursor) => Window::After { cursor, limit },
        None => Window::Offset { offset: page.max(1).saturating_sub(1).saturating_mul(limit), limit },
    };
    let with_cursor = find("limit").is_some() || find("cursor").is_some();
    Ok(ListRequest { query: ListQuery { search: SearchText::new(search), order, window }, with_cursor })
}

/// A whole number; one too large for the machine counts as the largest, since it lies beyond every end anyway.
fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let end = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(end))
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    fn offset(query: &str) -> i64 {
        match read(query).unwrap().query.window {
            Window::Offset { offset, .. } => offset,
            Window::After { .. } => panic!("no cursor was sent"),
        }
    }

    #[test]
    fn l1_a_page_below_one_is_the_first() {
        assert_eq!(offset("page=-3"), 0);
        assert_eq!(offset("page=0"), 0);
        assert_eq!(offset("page=3"), 60);
        assert_eq!(offset(""), 0);
    }

    #[test]
    fn l1_a_page_beyond_all_numbers_is_beyond_the_end() {
        assert_eq!(offset("page=99999999999999999999999999"), i64::MAX);
    }

    #[test]
    fn every_faulty_parameter_is_named() {
        let Err(ApiError::App(AppError::Validation(faults))) = read("page=two&limit=201&cursor=%21") else {
            panic!()
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["page", "limit", "cursor"]);
    }
}
