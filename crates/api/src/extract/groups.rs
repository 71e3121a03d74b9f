//! The query strings of groups.

use rosterd_domain::dialect::Dialect;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::group::{MembersQuery, MembershipFilter, tree};
use rosterd_domain::list::SearchText;
use serde_json::json;

use super::query::{FromQuery, Pairs, Parameter, whole_number};
use super::switch::switch;
use crate::error::ApiError;

/// `share`: those that can be shared with, or those that cannot (rule M6).
pub(crate) struct Share;

impl Share {
    const PARAMETER: Parameter = Parameter {
        name: "share",
        about: "true: the groups that you can share with; false: those of yours that nobody can share with. Without it: \
                your own groups. Admins see all groups whatever they ask for, and so does a database of Open WebUI 0.6.",
        schema: || json!({ "type": "boolean" }),
    };
}

/// What was sent as `share`. Older front ends do not know it, so there it is not judged.
pub(crate) struct SentShare(Result<Option<bool>, ApiError>);

impl SentShare {
    /// What counts in this dialect.
    ///
    /// # Errors
    /// 422 at `query/share`.
    pub(crate) fn in_dialect(self, dialect: Dialect) -> Result<Option<bool>, ApiError> {
        if tree::is_known(dialect) { self.0 } else { Ok(None) }
    }
}

impl FromQuery for Share {
    type Value = SentShare;

    const PARAMETERS: &'static [Parameter] = &[Self::PARAMETER];

    fn read(sent: &Pairs) -> Result<SentShare, ApiError> {
        Ok(SentShare(switch(sent, Self::PARAMETER.name)))
    }
}

const MEMBERSHIP: Parameter = Parameter {
    name: "membership",
    about: "`effective`: members of the group and of all groups below it; `direct`: of the group itself; `inherited`: the \
            effective ones that are no direct members.",
    schema: || {
        let words = MembershipFilter::ALL.map(MembershipFilter::as_str);
        json!({ "type": "string", "enum": words, "default": words[0] })
    },
};

const QUERY: Parameter = Parameter {
    name: "query",
    about: "A part of the name or the e-mail address, in any case; `%`, `_` and `\\` are ordinary characters.",
    schema: || json!({ "type": "string", "pattern": r"^[^\x00]*$" }),
};

const PAGE: Parameter = Parameter {
    name: "page",
    about: "The number of the page, from 1; a page after the last one is empty.",
    schema: || json!({ "type": "integer", "minimum": 1, "default": 1 }),
};

impl FromQuery for MembersQuery {
    type Value = Self;

    const PARAMETERS: &'static [Parameter] = &[MEMBERSHIP, QUERY, PAGE];

    fn read(sent: &Pairs) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let mut fault = |kind, of: Parameter, message: &str| {
            faults.push(FieldError::new(kind, &["query", of.name], message));
        };
        let filter =
            sent.find(MEMBERSHIP.name).map_or(Some(MembershipFilter::default()), MembershipFilter::parse);
        if filter.is_none() {
            fault("enum", MEMBERSHIP, "One of effective, direct and inherited is needed.");
        }
        let search = sent.find(QUERY.name).unwrap_or_default();
        if search.contains('\0') {
            fault("value_error", QUERY, "A text may not hold the NUL character.");
        }
        let page = sent.find(PAGE.name).map_or(Some(1), whole_number).filter(|page| *page >= 1);
        if page.is_none() {
            fault("int_parsing", PAGE, "A whole number from 1 is needed.");
        }
        match (filter, page) {
            (Some(filter), Some(page)) if faults.is_empty() => {
                Ok(Self::page(filter, SearchText::new(search), page))
            }
            _ => Err(ApiError::validation(faults)),
        }
    }
}

#[cfg(test)]
mod tests {
    use rosterd_app::AppError;

    use super::*;

    fn read(query: &str) -> Result<MembersQuery, ApiError> {
        MembersQuery::read(&Pairs::read(query)?)
    }

    #[test]
    fn m7_every_faulty_parameter_is_named() {
        let Err(ApiError::App(AppError::Validation(faults))) = read("membership=all&page=0&query=%00") else {
            panic!()
        };
        let named: Vec<_> = faults.iter().map(|fault| fault.loc[1].as_ref()).collect();
        assert_eq!(named, ["membership", "query", "page"]);
        assert!(read("page=x").is_err());
        assert_eq!(
            read("page=2&membership=direct").unwrap(),
            MembersQuery::page(MembershipFilter::Direct, None, 2)
        );
        assert_eq!(read("").unwrap(), MembersQuery::default());
    }

    #[test]
    fn m6_share_is_judged_where_it_is_known() {
        let asked = |query: &str, dialect| {
            Pairs::read(query)
                .and_then(|sent| Share::read(&sent))
                .and_then(|sent| sent.in_dialect(dialect))
                .ok()
        };
        assert_eq!(asked("share=Off", Dialect::V0_12), Some(Some(false)));
        assert_eq!(asked("", Dialect::V0_12), Some(None));
        assert_eq!(asked("share=members", Dialect::V0_12), None);
        assert_eq!(asked("share=members", Dialect::V0_6), Some(None));
    }
}
