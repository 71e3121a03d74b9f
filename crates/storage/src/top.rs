//! The first rows of an order, found while all rows are read.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rosterd_domain::list::{Cursor, CursorKey, Direction, ListQuery, OrderBy, Window};

use crate::asked::Found;

/// Most rows up to the end of a page that are held: one further down is left to SQLite.
const MOST_ROWS: usize = 10_000;

/// A row's value in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    Number(i64),
    Text(&'a str),
}

/// The columns that a list can be ordered by. The order by membership is the one by name, twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    CreatedAt,
    UpdatedAt,
    LastActiveAt,
    Name,
    Email,
    Role,
}

impl Column {
    /// How many there are.
    #[cfg(feature = "sqlite")]
    pub(crate) const COUNT: usize = 6;

    /// The column of an order.
    pub(crate) fn of(by: &OrderBy) -> Self {
        match by {
            OrderBy::CreatedAt => Self::CreatedAt,
            OrderBy::UpdatedAt => Self::UpdatedAt,
            OrderBy::LastActiveAt => Self::LastActiveAt,
            OrderBy::Name | OrderBy::GroupMember(_) => Self::Name,
            OrderBy::Email => Self::Email,
            OrderBy::Role => Self::Role,
        }
    }

    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
            Self::LastActiveAt => "last_active_at",
            Self::Name => "name",
            Self::Email => "email",
            Self::Role => "role",
        }
    }

    /// Whether it holds times.
    pub(crate) fn is_time(self) -> bool {
        matches!(self, Self::CreatedAt | Self::UpdatedAt | Self::LastActiveAt)
    }
}

/// Where a page begins that follows a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Behind<'a> {
    pub(crate) key: Key<'a>,
    pub(crate) id: &'a str,
    /// Whether the row is a member, in the order by membership.
    pub(crate) member: bool,
}

impl<'a> Behind<'a> {
    /// The place of a cursor; `None` where its key is none of its order's, so that nothing follows it.
    pub(crate) fn of(cursor: &'a Cursor) -> Option<Self> {
        let (key, member) = match (&cursor.order.by, &cursor.key) {
            (OrderBy::CreatedAt | OrderBy::LastActiveAt | OrderBy::UpdatedAt, CursorKey::Int(key)) => {
                (Key::Number(*key), false)
            }
            (OrderBy::Name | OrderBy::Email | OrderBy::Role, CursorKey::Text(key)) => (Key::Text(key), false),
            (OrderBy::GroupMember(_), CursorKey::Member { member, name }) => (Key::Text(name), *member),
            _ => return None,
        };
        Some(Self { key, id: cursor.id.as_str(), member })
    }
}

/// The rows of a page and of all pages before it, the last of them on top.
pub(crate) struct Top<'a> {
    sense: Sense,
    place: Option<Behind<'a>>,
    offset: usize,
    limit: usize,
    heap: BinaryHeap<Row>,
    total: i64,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Sense {
    direction: Direction,
    /// Members or others first, and each half by name in ascending order.
    by_membership: bool,
}

impl Sense {
    /// Which of two rows comes first. A row is: whether it is a member, its key, its id.
    fn compare(self, one: (bool, Key<'_>, &str), other: (bool, Key<'_>, &str)) -> Ordering {
        let by_key = || (one.1, one.2).cmp(&(other.1, other.2));
        let turned = |ordering: Ordering| match self.direction {
            Direction::Ascending => ordering,
            Direction::Descending => ordering.reverse(),
        };
        if self.by_membership { turned(one.0.cmp(&other.0)).then_with(by_key) } else { turned(by_key()) }
    }
}

struct Row {
    sense: Sense,
    member: bool,
    key: OwnKey,
    id: String,
}

enum OwnKey {
    Number(i64),
    Text(String),
}

impl Row {
    fn borrowed(&self) -> (bool, Key<'_>, &str) {
        let key = match &self.key {
            OwnKey::Number(number) => Key::Number(*number),
            OwnKey::Text(text) => Key::Text(text),
        };
        (self.member, key, &self.id)
    }
}

impl Ord for Row {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sense.compare(self.borrowed(), other.borrowed())
    }
}

impl PartialOrd for Row {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Row {}

impl<'a> Top<'a> {
    /// For this page; `None` where it is too far down, or follows a place that does not exist.
    pub(crate) fn new(query: &'a ListQuery) -> Option<Self> {
        let by_membership = matches!(query.order.by, OrderBy::GroupMember(_));
        let sense = Sense { direction: query.order.direction, by_membership };
        let (place, offset, limit) = match &query.window {
            Window::Offset { offset, limit } => (None, *offset, *limit),
            Window::After { cursor, limit } => (Some(Behind::of(cursor)?), 0, *limit),
        };
        let [offset, limit] =
            [offset, limit].map(|number| usize::try_from(number.max(0)).unwrap_or(usize::MAX));
        let is_near = offset.saturating_add(limit) <= MOST_ROWS;
        is_near.then(|| Self { sense, place, offset, limit, heap: BinaryHeap::new(), total: 0 })
    }

    /// Takes one of those who match.
    pub(crate) fn push(&mut self, member: bool, key: Key<'_>, id: &str) {
        self.total += 1;
        let row = (member, key, id);
        let is_behind = |place: &Behind<'_>| {
            self.sense.compare(row, (place.member, place.key, place.id)) == Ordering::Greater
        };
        if self.place.as_ref().is_some_and(|place| !is_behind(place)) {
            return;
        }
        if self.heap.len() == self.offset + self.limit {
            // Most rows end here, and nothing was copied for them.
            if self.heap.peek().is_none_or(|last| self.sense.compare(row, last.borrowed()) != Ordering::Less)
            {
                return;
            }
            self.heap.pop();
        }
        let key = match key {
            Key::Number(number) => OwnKey::Number(number),
            Key::Text(text) => OwnKey::Text(text.to_owned()),
        };
        self.heap.push(Row { sense: self.sense, member, key, id: id.to_owned() });
    }

    /// How many rows are held at most: those of the page and of all before it.
    #[cfg(feature = "postgres")]
    pub(crate) fn most(&self) -> usize {
        self.offset + self.limit
    }

    /// The page.
    pub(crate) fn into_found(self) -> Found {
        let rows = self.heap.into_sorted_vec();
        let ids = rows.into_iter().skip(self.offset).map(|row| row.id).collect();
        Found { ids, total: self.total }
    }
}
