//! The order of a list. `id` breaks every tie, so an order is always total.

use std::fmt;

use crate::ids::GroupId;

/// What a list is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderBy {
    /// When the account was made.
    CreatedAt,
    /// The name, by code point.
    Name,
    /// The e-mail address, by code point.
    Email,
    /// The role's text, by code point.
    Role,
    /// When they were last active.
    LastActiveAt,
    /// When the row last changed.
    UpdatedAt,
    /// Whether they are in this group, then the name, which always ascends. Descending puts members first.
    GroupMember(GroupId),
}

impl OrderBy {
    /// Reads `order_by`; what is missing or unknown is [`Self::CreatedAt`] (rule L1).
    #[must_use]
    pub fn parse(order_by: Option<&str>) -> Self {
        order_by.and_then(Self::known).unwrap_or(Self::CreatedAt)
    }

    fn known(text: &str) -> Option<Self> {
        match text {
            "created_at" => Some(Self::CreatedAt),
            "name" => Some(Self::Name),
            "email" => Some(Self::Email),
            "role" => Some(Self::Role),
            "last_active_at" => Some(Self::LastActiveAt),
            "updated_at" => Some(Self::UpdatedAt),
            other => {
                other.strip_prefix("group_id:").and_then(|id| GroupId::parse(id).ok()).map(Self::GroupMember)
            }
        }
    }
}

impl fmt::Display for OrderBy {
    /// The text of the parameter `order_by`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreatedAt => f.write_str("created_at"),
            Self::Name => f.write_str("name"),
            Self::Email => f.write_str("email"),
            Self::Role => f.write_str("role"),
            Self::LastActiveAt => f.write_str("last_active_at"),
            Self::UpdatedAt => f.write_str("updated_at"),
            Self::GroupMember(id) => write!(f, "group_id:{id}"),
        }
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

impl Direction {
    /// Reads `direction`: `asc` or else descending (rule L1).
    #[must_use]
    pub fn parse(direction: Option<&str>) -> Self {
        if direction == Some("asc") { Self::Ascending } else { Self::Descending }
    }
}

impl fmt::Display for Direction {
    /// The text of the parameter `direction`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ascending => "asc",
            Self::Descending => "desc",
        })
    }
}

/// A column and a direction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The column.
    pub by: OrderBy,
    /// The direction.
    pub direction: Direction,
}

impl Order {
    /// Reads both parameters. A missing or unknown `order_by` means newest first, whatever `direction` says (L1).
    #[must_use]
    pub fn parse(order_by: Option<&str>, direction: Option<&str>) -> Self {
        match order_by.and_then(OrderBy::known) {
            Some(by) => Self { by, direction: Direction::parse(direction) },
            None => Self::default(),
        }
    }

    /// The parameters that give this order.
    pub(super) fn to_text(&self) -> String {
        format!("{} {}", self.direction, self.by)
    }
}

impl Default for Order {
    /// Newest first.
    fn default() -> Self {
        Self { by: OrderBy::CreatedAt, direction: Direction::Descending }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l1_every_column_can_be_named() {
        let group = OrderBy::GroupMember(GroupId::from_stored("g-1".into()));
        for (text, by) in [
            ("created_at", OrderBy::CreatedAt),
            ("name", OrderBy::Name),
            ("email", OrderBy::Email),
            ("role", OrderBy::Role),
            ("last_active_at", OrderBy::LastActiveAt),
            ("updated_at", OrderBy::UpdatedAt),
            ("group_id:g-1", group),
        ] {
            assert_eq!(OrderBy::parse(Some(text)), by, "{text}");
            assert_eq!(
                Order::parse(Some(text), Some("asc")),
                Order { by: by.clone(), direction: Direction::Ascending }
            );
            for direction in [None, Some("desc"), Some("ASC"), Some("up")] {
                let order = Order { by: by.clone(), direction: Direction::Descending };
                assert_eq!(Order::parse(Some(text), direction), order, "{text} {direction:?}");
            }
        }
    }

    #[test]
    fn l1_missing_or_unknown_means_newest_first() {
        for order_by in
            [None, Some(""), Some("password"), Some("Name"), Some("group_id:"), Some("group_id:\0")]
        {
            assert_eq!(OrderBy::parse(order_by), OrderBy::CreatedAt);
            for direction in [None, Some("asc"), Some("desc")] {
                assert_eq!(Order::parse(order_by, direction), Order::default(), "{order_by:?} {direction:?}");
            }
        }
    }
}
