//! The query string of the list of deleted accounts.

use rosterd_app::deleted::MOST_DELETED;
use rosterd_domain::deleted_user::DeletedCursor;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::list::PAGE_SIZE;
use serde_json::json;

use super::query::{FromQuery, Pairs, Parameter, whole_number};
use crate::error::ApiError;

const LIMIT: Parameter = Parameter {
    name: "limit",
    about: "Accounts of the page.",
    schema: || json!({ "type": "integer", "format": "int64", "default": PAGE_SIZE, "minimum": 1, "maximum": MOST_DELETED }),
};

const CURSOR: Parameter = Parameter {
    name: "cursor",
    about: "`next_cursor` of the previous page. An empty text means none.",
    schema: || json!({ "type": "string" }),
};

/// Which deleted accounts are asked for.
pub(crate) struct AskedDeleted {
    /// Those after this one; `None`: from the beginning.
    pub(crate) after: Option<DeletedCursor>,
    /// How many.
    pub(crate) limit: i64,
}

impl FromQuery for AskedDeleted {
    type Value = Self;

    const PARAMETERS: &'static [Parameter] = &[LIMIT, CURSOR];

    fn read(sent: &Pairs) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let limit = sent.find(LIMIT.name).map_or(Some(PAGE_SIZE), |text| {
            whole_number(text).filter(|limit| (1..=MOST_DELETED).contains(limit))
        });
        if limit.is_none() {
            let message = format!("A whole number from 1 to {MOST_DELETED} is needed.");
            faults.push(FieldError::new("int_parsing", &["query", LIMIT.name], message));
        }
        let cursor = sent.find(CURSOR.name).filter(|text| !text.is_empty());
        let after = cursor.and_then(|text| DeletedCursor::decode(text).ok());
        if cursor.is_some() && after.is_none() {
            let message = "The `next_cursor` of a page is needed.";
            faults.push(FieldError::new("value_error", &["query", CURSOR.name], message));
        }
        match limit {
            Some(limit) if faults.is_empty() => Ok(Self { after, limit }),
            _ => Err(ApiError::validation(faults)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;
    use rosterd_domain::ids::UserId;

    use super::*;

    #[test]
    fn every_faulty_parameter_is_named() {
        let read = |query: &str| AskedDeleted::read(&Pairs::read(query).unwrap());
        let Err(ApiError::App(AppError::Validation(faults))) = read("limit=101&cursor=x") else { panic!() };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["limit", "cursor"]);
        let asked = |query: &str| read(query).ok().map(|asked| (asked.after, asked.limit));
        assert_eq!(asked("cursor="), Some((None, PAGE_SIZE)));
        let cursor = DeletedCursor { deleted_at: 7, id: UserId::from_stored("u".to_owned()) };
        assert_eq!(asked(&format!("limit=7&cursor={}", cursor.encode())), Some((Some(cursor), 7)));
    }
}
