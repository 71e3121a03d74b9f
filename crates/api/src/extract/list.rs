//! The query string of lists (rules L1, L2 and L5).

use rosterd_app::AppError;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::ids::GroupId;
use rosterd_domain::list::{
    AccountStatus, Cursor, ListQuery, MAX_LIMIT, Order, OrderBy, PAGE_SIZE, SearchText, UserFilter, Window,
};
use rosterd_domain::role::Role;
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

const ROLE: Parameter = Parameter {
    name: "role",
    about: "Only those with this role. An empty text means all.",
    schema: || json!({ "type": "string", "enum": ["pending", "user", "admin"] }),
};

const GROUP_ID: Parameter = Parameter {
    name: "group_id",
    about: "Only the direct members of this group; nobody for an unknown one.",
    schema: || json!({ "type": "string", "pattern": r"^[^\x00]*$" }),
};

const ACTIVE_SINCE: Parameter = Parameter {
    name: "active_since",
    about: "Only who was active at this second or later; about a minute exact (rule L4).",
    schema: || json!({ "type": "integer", "format": "int64" }),
};

const INACTIVE_SINCE: Parameter = Parameter {
    name: "inactive_since",
    about: "Only who was not active at this second or later; about a minute exact (rule L4).",
    schema: || json!({ "type": "integer", "format": "int64" }),
};

const STATUS: Parameter = Parameter {
    name: "status",
    about: "Only who is suspended, or only who is not (rule U5). An empty text means all.",
    schema: || json!({ "type": "string", "enum": AccountStatus::NAMES.map(|(name, _)| name) }),
};

/// The query string of a list that can be narrowed.
pub(crate) struct NarrowedList;

impl FromQuery for NarrowedList {
    type Value = ListQuery;

    const PARAMETERS: &'static [Parameter] = &[
        QUERY,
        ROLE,
        GROUP_ID,
        ACTIVE_SINCE,
        INACTIVE_SINCE,
        STATUS,
        ORDER_BY,
        DIRECTION,
        PAGE,
        LIMIT,
        CURSOR,
    ];

    fn read(sent: &Pairs) -> Result<ListQuery, ApiError> {
        let mut faults = Vec::new();
        let filter = read_filter(sent, &mut faults);
        match ListQuery::read(sent) {
            Ok(query) if faults.is_empty() => {
                let by_group = matches!(query.order.by, OrderBy::GroupMember(_));
                if by_group && !filter.is_empty() {
                    let message =
                        "A list that is ordered by a group cannot be narrowed; order it by something else.";
                    return Err(ApiError::field("value_error", &["query", ORDER_BY.name], message));
                }
                Ok(query.narrowed(filter))
            }
            Ok(_) => Err(ApiError::validation(faults)),
            Err(ApiError::App(AppError::Validation(others))) => {
                faults.extend(others);
                Err(ApiError::validation(faults))
            }
            Err(other) => Err(other),
        }
    }
}

/// Whom a list is narrowed to. An empty text narrows to nothing in particular, as if it had not been sent.
fn read_filter(sent: &Pairs, faults: &mut Vec<FieldError>) -> UserFilter {
    let find = |of: Parameter| sent.find(of.name).filter(|text| !text.is_empty());
    let mut fault = |kind, of: Parameter, message: &'static str| {
        faults.push(FieldError::new(kind, &["query", of.name], message));
    };
    let role = find(ROLE).and_then(|text| {
        let role = Role::parse(text);
        if role.is_none() {
            fault("enum", ROLE, "A role is pending, user or admin.");
        }
        role
    });
    let group = find(GROUP_ID).and_then(|text| {
        if text.contains('\0') {
            fault("value_error", GROUP_ID, "A text may not hold the NUL character.");
            return None;
        }
        Some(GroupId::from_stored(text.to_owned()))
    });
    let status = find(STATUS).and_then(|text| {
        let status = AccountStatus::parse(text);
        if status.is_none() {
            fault("enum", STATUS, "A status is active or suspended.");
        }
        status
    });
    let mut second = |of: Parameter| {
        find(of).and_then(|text| {
            let number = whole_number(text);
            if number.is_none() {
                fault("int_parsing", of, "A whole number is needed.");
            }
            number
        })
    };
    let (active_since, inactive_since) = (second(ACTIVE_SINCE), second(INACTIVE_SINCE));
    UserFilter { role, group, active_since, inactive_since, status }
}

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
        let filter = UserFilter::default();
        Ok(Self { search: SearchText::new(search), filter, order, window, with_cursor })
    }
}

#[cfg(test)]
mod tests {
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

    fn narrowed(query: &str) -> Result<ListQuery, ApiError> {
        NarrowedList::read(&Pairs::read(query)?)
    }

    #[test]
    fn l5_a_filter_is_read_and_an_empty_text_is_none() {
        let filter =
            narrowed("role=admin&group_id=g1&active_since=7&inactive_since=9&status=suspended&query=a")
                .unwrap()
                .filter;
        let wanted = UserFilter {
            role: Some(Role::Admin),
            group: Some(GroupId::from_stored("g1".to_owned())),
            active_since: Some(7),
            inactive_since: Some(9),
            status: Some(AccountStatus::Suspended),
        };
        assert_eq!(filter, wanted);
        assert!(narrowed("role=&group_id=&active_since=&status=&query=a").unwrap().filter.is_empty());
    }

    #[test]
    fn l5_every_faulty_part_of_a_filter_is_named_with_the_others() {
        let Err(ApiError::App(AppError::Validation(faults))) =
            narrowed("role=owner&group_id=%00&active_since=soon&status=gone&limit=0")
        else {
            panic!()
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["role", "group_id", "status", "active_since", "limit"]);
        assert!(narrowed("role=user&order_by=group_id:g").is_err());
        assert!(narrowed("order_by=group_id:g").is_ok());
    }
}
