//! A page of what waits to be sent, and of what became of it: state, size and beginning.

use rosterd_domain::field_error::FieldError;

use super::query::{Pairs, whole_number};
use crate::error::ApiError;

/// Rows of a page if nothing is said.
pub(super) const PAGE_SIZE: i64 = 50;

/// Reads `state`, `limit` and `cursor`. An empty text means none. `states` is how the states are listed in a sentence.
pub(super) fn read_page<S, C>(
    sent: &Pairs,
    (states, state_of): (&str, impl FnOnce(&str) -> Option<S>),
    cursor_of: impl FnOnce(&str) -> Option<C>,
    most: i64,
) -> Result<(Option<S>, Option<C>, i64), ApiError> {
    let mut faults = Vec::new();
    let named = sent.find("state").filter(|text| !text.is_empty());
    let state = named.and_then(state_of);
    if named.is_some() && state.is_none() {
        faults.push(FieldError::new("enum", &["query", "state"], format!("A state is {states}.")));
    }
    let limit = sent
        .find("limit")
        .map_or(Some(PAGE_SIZE), |text| whole_number(text).filter(|limit| (1..=most).contains(limit)));
    if limit.is_none() {
        let message = format!("A whole number from 1 to {most} is needed.");
        faults.push(FieldError::new("int_parsing", &["query", "limit"], message));
    }
    let named = sent.find("cursor").filter(|text| !text.is_empty());
    let cursor = named.and_then(cursor_of);
    if named.is_some() && cursor.is_none() {
        let message = "The `next_cursor` of a page is needed.";
        faults.push(FieldError::new("value_error", &["query", "cursor"], message));
    }
    match limit {
        Some(limit) if faults.is_empty() => Ok((state, cursor, limit)),
        _ => Err(ApiError::validation(faults)),
    }
}
