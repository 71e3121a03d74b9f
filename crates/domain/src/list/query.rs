//! Which part of which list.

use super::{Cursor, Order, SearchText};
use crate::clock::UnixSeconds;
use crate::ids::GroupId;
use crate::role::Role;

/// Rows on a page when nothing else is asked for (rule L1).
pub const PAGE_SIZE: i64 = 30;

/// Most rows on a page (rule L1).
pub const MAX_LIMIT: i64 = 200;

/// The part of a list that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// By position. Costs more the farther it is from the beginning.
    Offset {
        /// Rows to skip, at least 0.
        offset: i64,
        /// Rows to give, 1 to [`MAX_LIMIT`].
        limit: i64,
    },
    /// What follows a row. Costs the same at any depth.
    After {
        /// The row, as the page before named it.
        cursor: Cursor,
        /// Rows to give, 1 to [`MAX_LIMIT`].
        limit: i64,
    },
}

/// Whom a list is narrowed to, beside what it searches for (rule L5). Without anything: everybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UserFilter {
    /// Those with this role.
    pub role: Option<Role>,
    /// The direct members of this group; nobody for an unknown one.
    pub group: Option<GroupId>,
    /// Who was active at this second or later.
    pub active_since: Option<UnixSeconds>,
    /// Who was not active at this second or later, or never.
    pub inactive_since: Option<UnixSeconds>,
    /// Those who are suspended, or those who are not (rule U5).
    pub status: Option<AccountStatus>,
}

/// Whether an account is suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountStatus {
    /// It is not.
    Active,
    /// It is.
    Suspended,
}

impl AccountStatus {
    /// As requests and commands spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    /// All, with their spellings.
    pub const NAMES: [(&'static str, Self); 2] =
        [(Self::Active.as_str(), Self::Active), (Self::Suspended.as_str(), Self::Suspended)];

    /// The status of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.into_iter().find(|(known, _)| *known == name).map(|(_, status)| status)
    }
}

impl UserFilter {
    /// Those of this status, and nothing else.
    #[must_use]
    pub fn of_status(status: AccountStatus) -> Self {
        Self { status: Some(status), ..Self::default() }
    }

    /// Whether it lets everybody through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a list is asked for: who, in which order, which part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListQuery {
    /// What a name or e-mail address has to contain; `None`: everybody.
    pub search: Option<SearchText>,
    /// Who is looked at beside that.
    pub filter: UserFilter,
    /// The order.
    pub order: Order,
    /// The part.
    pub window: Window,
    /// Whether the answer tells where the next page begins: only to those who asked with a limit or a cursor.
    pub with_cursor: bool,
}

impl ListQuery {
    /// Page `page` at the usual size; below 1 means 1 (rule L1). Any number is fine: a page past the end is empty.
    #[must_use]
    pub fn page(search: Option<SearchText>, order: Order, page: i64) -> Self {
        Self { with_cursor: false, ..Self::page_of(search, order, page, PAGE_SIZE) }
    }

    /// Page `page` of pages of `limit` rows, which is brought into 1 to [`MAX_LIMIT`].
    #[must_use]
    pub fn page_of(search: Option<SearchText>, order: Order, page: i64, limit: i64) -> Self {
        let limit = limit.clamp(1, MAX_LIMIT);
        let offset = page.max(1).saturating_sub(1).saturating_mul(limit);
        let filter = UserFilter::default();
        Self { search, filter, order, window: Window::Offset { offset, limit }, with_cursor: true }
    }

    /// The `limit` rows after `cursor`, in the cursor's order; `limit` is brought into 1 to [`MAX_LIMIT`].
    #[must_use]
    pub fn after(search: Option<SearchText>, cursor: Cursor, limit: i64) -> Self {
        let order = cursor.order.clone();
        let window = Window::After { cursor, limit: limit.clamp(1, MAX_LIMIT) };
        Self { search, filter: UserFilter::default(), order, window, with_cursor: true }
    }

    /// The same of those whom a filter lets through.
    #[must_use]
    pub fn narrowed(self, filter: UserFilter) -> Self {
        Self { filter, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(page: i64) -> (i64, i64) {
        match ListQuery::page(None, Order::default(), page).window {
            Window::Offset { offset, limit } => (offset, limit),
            Window::After { .. } => panic!("asked for a page"),
        }
    }

    #[test]
    fn l1_thirty_a_page_and_below_one_means_one() {
        assert_eq!(window(1), (0, 30));
        assert_eq!(window(3), (60, 30));
        assert_eq!(window(0), (0, 30));
        assert_eq!(window(i64::MIN), (0, 30));
        assert_eq!(window(i64::MAX), (i64::MAX, 30));
    }

    #[test]
    fn l1_a_limit_is_1_to_200() {
        for (asked, given) in [(0, 1), (-5, 1), (1, 1), (200, 200), (201, 200)] {
            let window = ListQuery::page_of(None, Order::default(), 2, asked).window;
            assert_eq!(window, Window::Offset { offset: given, limit: given }, "{asked}");
        }
    }
}
