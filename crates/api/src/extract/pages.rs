//! A page by its number, and how long it is.

use rosterd_app::scim::connections::MOST_LINKABLE;
use rosterd_domain::field_error::FieldError;
use serde_json::json;

use super::outbox_page::PAGE_SIZE;
use super::query::{FromQuery, Pairs, Parameter, whole_number};
use crate::error::ApiError;

const PAGE: Parameter = Parameter {
    name: "page",
    about: "The number of the page, from 1; a page after the last one is empty.",
    schema: || json!({ "type": "integer", "minimum": 1, "default": 1 }),
};

const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Rows on each page.",
    schema: || json!({ "type": "integer", "minimum": 1, "maximum": MOST_LINKABLE, "default": PAGE_SIZE }),
};

/// Which page of a list is asked for: how many rows to skip, and how many to give.
pub(crate) enum AskedPage {}

impl FromQuery for AskedPage {
    type Value = (i64, i64);

    const PARAMETERS: &'static [Parameter] = &[PAGE, LIMIT];

    fn read(sent: &Pairs) -> Result<(i64, i64), ApiError> {
        let number = |of: Parameter, usual: i64, most: i64| {
            let number = sent.find(of.name).map_or(Some(usual), whole_number);
            number.filter(|number| (1..=most).contains(number))
        };
        let (page, limit) = (number(PAGE, 1, i64::MAX), number(LIMIT, PAGE_SIZE, MOST_LINKABLE));
        let fault = |of: Parameter, range: &str| {
            FieldError::new("int_parsing", &["query", of.name], format!("A whole number {range} is needed."))
        };
        match (page, limit) {
            (Some(page), Some(limit)) => Ok((page.saturating_sub(1).saturating_mul(limit), limit)),
            (page, limit) => {
                let faults = [
                    page.is_none().then(|| fault(PAGE, "from 1")),
                    limit.is_none().then(|| fault(LIMIT, &format!("from 1 to {MOST_LINKABLE}"))),
                ];
                Err(ApiError::validation(faults.into_iter().flatten().collect()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    #[test]
    fn a_page_is_a_number_from_one() {
        let read = |query: &str| AskedPage::read(&Pairs::read(query).unwrap());
        assert_eq!(read("").ok(), Some((0, 50)));
        assert_eq!(read("page=3&limit=20").ok(), Some((40, 20)));
        assert_eq!(read("page=99999999999999999999").ok(), Some((i64::MAX, 50)));
        let Err(ApiError::App(AppError::Validation(faults))) = read("page=0&limit=201") else { panic!() };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["page", "limit"]);
    }
}
