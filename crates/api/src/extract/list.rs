//! The query string of lists (rules L1 and L2).

use rosterd_domain::field_error::FieldError;
use rosterd_domain::list::{Cursor, ListQuery, MAX_LIMIT, Order, PAGE_SIZE, SearchText, Window};
use serde_json::json;

use super::query::{FromQuery, Pairs, Parameter, whole_number};
use crate::error::ApiError;

const QUERY: Parameter = Parameter {
    name: "query",
    about: "A part of the name or the e-mail address, in any case; `%`, `_` and `\\` are ordinary characters.",
    schema: || json!({ "type": "string", "pattern": r"^[^\x00]*$" }),
};

const ORDER_BY: Parameter = Parameter {
    name: "order_by",
    about: "`created_at`, `name`, `email`, `role`, `last_active_at`, `updated_at` or `group_id:<id>`; anything else is \
            `created_at`, descending.",
    schema: || json!({ "type": "string" }),
};

const DIRECTION: Parameter = Parameter {
    name: "direction",
    about: "`asc`; anything else means descending.",
    schema: || json!({ "type": "string" }),
};

const PAGE: Parameter = Parameter {
    name: "page",
    about: "The number of the page. Below 1 means 1; a page after the last one is empty.",
    // No bounds: what is too large for the machine lies beyond the end.
    schema: || json!({ "type": "integer", "default": 1 }),
};

const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Rows on each page.",
    schema: || json!({ "type": "integer", "format": "int64", "default": PAGE_SIZE, "minimum": 1, "maximum": MAX_LIMIT }),
};

const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the previous page, in the same order. An empty text means none.",
    schema: || json!({ "type": "string" }),
};

impl FromQuery for ListQuery {
    type Value = Self;

    const PARAMETERS: &'static [Parameter] = &[QUERY, ORDER_BY, DIRECTION, PAGE, LIMIT, CURSOR];

    fn read(sent: &Pairs) -> Result<Self, ApiError> {
        let find = |of: Parameter| sent.find(of.name);
        let fault =
            |kind, of: Parameter, message: String| FieldError::new(kind, &["query", of.name], message);
        let mut faults = Vec::new();
        let page = find(PAGE).map_or(Some(1), whole_number);
        if page.is_none() {
            faults.push(fault("int_parsing", PAGE, "A whole number is needed.".to_owned()));
        }
        let limit = match find(LIMIT).map(whole_number) {
            None => Some(PAGE_SIZE),
            Some(Some(limit)) if (1..=MAX_LIMIT).contains(&limit) => Some(limit),
            Some(_) => {
                let message = format!("A whole number from 1 to {MAX_LIMIT} is needed.");
                faults.push(fault("int_parsing", LIMIT, message));
                None
            }
        };
        let search = find(QUERY).unwrap_or_default();
        if search.contains('\0') {
            faults.push(fault("value_error", QUERY, "A text may not hold the NUL character.".to_owned()));
        }
        let order = Order::parse(find(ORDER_BY), find(DIRECTION));
        let cursor =
            match find(CURSOR).filter(|text| !text.is_empty()).map(|text| Cursor::decode(text, &order)) {
                None => None,
                Some(Ok(cursor)) => Some(cursor),
                Some(Err(why)) => {
                    faults.push(fault("value_error", CURSOR, why.to_string()));
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
        let with_cursor = find(LIMIT).is_some() || find(CURSOR).is_some();
        Ok(Self { search: SearchText::new(search), order, window, with_cursor })
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    fn read(query: &str) -> Result<ListQuery, ApiError> {
        ListQuery::read(&Pairs::read(query)?)
    }

    fn offset(query: &str) -> i64 {
        match read(query).unwrap().window {
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
