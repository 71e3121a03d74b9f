//! The users in memory: searched as one text, and walked in any order.

use std::cmp::Ordering;
use std::collections::HashSet;

use memchr::memmem;
use rosterd_domain::list::{Direction, ListQuery, OrderBy, SearchText, Window, fold_onto};

use crate::asked::Found;
use crate::top::{Behind, Column, Key};

/// Ends a folded text. It is in no text, and so in no search.
const END: u8 = 0xff;

/// The members of a group.
pub(super) type Members = HashSet<String>;

/// A user, as it is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) email: &'a str,
    pub(super) role: &'a str,
    /// In the order of the columns: created, updated, last active.
    pub(super) times: [i64; 3],
}

/// All users, in the order in which they were read.
#[derive(Default)]
pub(super) struct Roster {
    /// Id, name, e-mail address and role of each, one behind the other.
    texts: String,
    /// Where each of the four ends.
    ends: Vec<[u32; 4]>,
    times: Vec<[i64; 3]>,
    /// Name and e-mail address of each, folded, each with [`END`].
    folded: Vec<u8>,
    /// Where the two of each end.
    folded_ends: Vec<u32>,
    /// For each column that was asked for.
    orders: [Option<Sorted>; Column::COUNT],
    buffer: String,
}

/// An order, from the smallest to the largest key.
struct Sorted {
    /// The numbers of the users.
    users: Vec<u32>,
    /// The place of each.
    places: Vec<u32>,
}

impl Roster {
    /// Adds one; `false` when they take more than `most` bytes with all orders.
    pub(super) fn push(&mut self, person: Person<'_>, most: usize) -> bool {
        let mut ends = [0; 4];
        for (end, text) in ends.iter_mut().zip([person.id, person.name, person.email, person.role]) {
            self.texts.push_str(text);
            *end = offset(self.texts.len());
        }
        self.ends.push(ends);
        self.times.push(person.times);
        for text in [person.name, person.email] {
            self.buffer.clear();
            fold_onto(&mut self.buffer, text);
            self.folded.extend_from_slice(self.buffer.as_bytes());
            self.folded.push(END);
        }
        self.folded_ends.push(offset(self.folded.len()));
        let each = size_of::<[u32; 4]>()
            + size_of::<[i64; 3]>()
            + size_of::<u32>()
            + Column::COUNT * 2 * size_of::<u32>();
        self.texts.len() + self.folded.len() + self.ends.len() * each <= most
    }

    /// Gives back what was taken ahead for more.
    pub(super) fn shrink(&mut self) {
        self.texts.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.times.shrink_to_fit();
        self.folded.shrink_to_fit();
        self.folded_ends.shrink_to_fit();
    }

    /// What a list asks for. `members` are those of the group in the order by membership.
    pub(super) fn page(&mut self, query: &ListQuery, members: &Members) -> Found {
        let column = Column::of(&query.order.by);
        if self.orders[column as usize].is_none() {
            self.orders[column as usize] = Some(self.sort(column));
        }
        let Some(sorted) = &self.orders[column as usize] else { return Found::default() };
        // The places of those who match, in ascending order.
        let places: Vec<u32> = match &query.search {
            None => (0..offset(self.ends.len())).collect(),
            Some(search) => {
                let mut places: Vec<u32> =
                    self.matching(search).into_iter().map(|user| sorted.places[user as usize]).collect();
                places.sort_unstable();
                places
            }
        };
        let total = i64::try_from(places.len()).unwrap_or(i64::MAX);
        let page = Page { roster: self, sorted, column, members };
        let ids = page.of(&places, query).into_iter().map(|user| self.text(user, 0).to_owned()).collect();
        Found { ids, total }
    }

    /// Those whose name or e-mail address contains the text (rule L2), in the order in which they were read.
    fn matching(&self, search: &SearchText) -> Vec<u32> {
        let finder = memmem::Finder::new(search.folded().as_bytes());
        let (mut found, mut from) = (Vec::new(), 0);
        while let Some(at) = self.folded.get(from..).and_then(|rest| finder.find(rest)) {
            let place = offset(from + at);
            let user = self.folded_ends.partition_point(|end| *end <= place);
            let Some(end) = self.folded_ends.get(user) else { break };
            found.push(offset(user));
            from = *end as usize;
        }
        found
    }

    fn sort(&self, column: Column) -> Sorted {
        let mut users: Vec<u32> = (0..offset(self.ends.len())).collect();
        users.sort_unstable_by(|one, other| {
            self.compare(column, *one, self.key(column, *other), self.text(*other, 0))
        });
        let mut places = vec![0; users.len()];
        for (place, user) in users.iter().enumerate() {
            places[*user as usize] = offset(place);
        }
        Sorted { users, places }
    }

    fn compare(&self, column: Column, user: u32, key: Key<'_>, id: &str) -> Ordering {
        self.key(column, user).cmp(&key).then_with(|| self.text(user, 0).cmp(id))
    }

    fn key(&self, column: Column, user: u32) -> Key<'_> {
        match column {
            Column::CreatedAt => Key::Number(self.times[user as usize][0]),
            Column::UpdatedAt => Key::Number(self.times[user as usize][1]),
            Column::LastActiveAt => Key::Number(self.times[user as usize][2]),
            Column::Name => Key::Text(self.text(user, 1)),
            Column::Email => Key::Text(self.text(user, 2)),
            Column::Role => Key::Text(self.text(user, 3)),
        }
    }

    /// Id (0), name (1), e-mail address (2) or role (3) of a user.
    fn text(&self, user: u32, which: usize) -> &str {
        let user = user as usize;
        let start = match (user, which) {
            (0, 0) => 0,
            (user, 0) => self.ends[user - 1][3],
            (user, which) => self.ends[user][which - 1],
        };
        self.texts.get(start as usize..self.ends[user][which] as usize).unwrap_or_default()
    }
}

/// How a page is taken from an order.
struct Page<'a> {
    roster: &'a Roster,
    sorted: &'a Sorted,
    column: Column,
    members: &'a Members,
}

impl Page<'_> {
    /// The users of the page among those at these places.
    fn of(&self, places: &[u32], query: &ListQuery) -> Vec<u32> {
        let direction = query.order.direction;
        if !matches!(query.order.by, OrderBy::GroupMember(_)) {
            return match &query.window {
                Window::Offset { offset, limit } => self.window(places, direction, *offset, *limit),
                Window::After { cursor, limit } => match Behind::of(cursor) {
                    Some(place) => self.window(self.rest(places, direction, place), direction, 0, *limit),
                    None => Vec::new(),
                },
            };
        }
        // One half by name, then the other: both ascend.
        let (members, others): (Vec<u32>, Vec<u32>) =
            places.iter().partition(|place| self.members.contains(self.roster.text(self.user(**place), 0)));
        let members_first = direction == Direction::Descending;
        let [first, second] = if members_first { [members, others] } else { [others, members] };
        match &query.window {
            Window::Offset { offset, limit } => {
                self.window(&[first, second].concat(), Direction::Ascending, *offset, *limit)
            }
            Window::After { cursor, limit } => {
                let Some(place) = Behind::of(cursor) else { return Vec::new() };
                let rest = if place.member == members_first {
                    [self.rest(&first, Direction::Ascending, place), &second].concat()
                } else {
                    self.rest(&second, Direction::Ascending, place).to_vec()
                };
                self.window(&rest, Direction::Ascending, 0, *limit)
            }
        }
    }

    /// The places behind a row, in ascending order.
    fn rest<'p>(&self, places: &'p [u32], direction: Direction, place: Behind<'_>) -> &'p [u32] {
        let compare = |at: &u32| self.roster.compare(self.column, self.user(*at), place.key, place.id);
        match direction {
            Direction::Ascending => &places[places.partition_point(|at| compare(at) != Ordering::Greater)..],
            Direction::Descending => &places[..places.partition_point(|at| compare(at) == Ordering::Less)],
        }
    }

    fn window(&self, places: &[u32], direction: Direction, offset: i64, limit: i64) -> Vec<u32> {
        let [offset, limit] =
            [offset, limit].map(|number| usize::try_from(number.max(0)).unwrap_or(usize::MAX));
        let user = |place: &u32| self.user(*place);
        match direction {
            Direction::Ascending => places.iter().skip(offset).take(limit).map(user).collect(),
            Direction::Descending => places.iter().rev().skip(offset).take(limit).map(user).collect(),
        }
    }

    fn user(&self, place: u32) -> u32 {
        self.sorted.users[place as usize]
    }
}

/// A place in what is kept, which is bounded far below four gigabytes.
fn offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
