//! Everybody, newest first, with the same memory for any number of users.
//!
//! The order of a list is not the order in which the table has its rows: accounts that were imported stand in the order of the
//! file. A walk along the index on (`created_at`, `id`) then goes to another page of the file for each row, and of a file that is
//! not in memory each is read from the disk by itself. So everybody is taken in windows: of each, the index tells where its rows
//! stand in the table, they are read in the table's own order, and sorted in memory.

use diesel::prelude::*;
use rosterd_domain::list::Direction;
use rosterd_domain::user::UserInfo;

use super::dialect::{Backend, Raw, RowByRow};
use super::places::{behind, null_tail};
use crate::fragments::{Condition, Place};
use crate::rows::UserInfoRow;
use crate::schema::users;
use crate::types::StoredTime;
use crate::{Layout, StoreResult};

const NEWEST_FIRST: Direction = Direction::Descending;

/// Rows of the first window, which are to come soon.
const FIRST: usize = 1_000;

/// Bytes that the rows of a window may take, if they are as long as those of the last one.
const BYTES: usize = 32 << 20;

/// How many times as many rows as the last one a window may have: some may be much longer than those so far.
const GROWTH: usize = 8;

/// The order of the walk.
macro_rules! newest_first {
    ($query:expr) => {
        $query.order((users::created_at.desc(), users::id.desc()))
    };
}

/// Hands everybody to `row`, newest first, ties by descending id, until it gives `false`.
pub(crate) fn for_each_newest(
    conn: &mut Raw,
    layout: &Layout,
    row: &mut dyn FnMut(UserInfo) -> bool,
) -> StoreResult<()> {
    // Without the index each window costs a pass over the table. That is worth it where a reader keeps writers out: then no
    // read may last as long as the client that takes the rows.
    if !layout.orders && layout.wal {
        return in_one_statement(conn, row);
    }
    let mut size = FIRST;
    let mut place: Option<Place> = None;
    loop {
        let mut pass = |behind| Window::pass(conn, behind, size, layout.wal, row);
        let mut window = pass(place.as_ref().map(|place| behind(place, NEWEST_FIRST)))?;
        if let (0, Some(tail)) =
            (window.rows, place.as_ref().and_then(|place| null_tail(place, NEWEST_FIRST)))
        {
            window = pass(Some(tail))?;
        }
        if window.rows == 0 || !window.wanted {
            return Ok(());
        }
        size = window.next_size(size);
        place = Some(Place::at_time("created_at", window.created_at.into(), &window.id));
    }
}

fn in_one_statement(conn: &mut Raw, row: &mut dyn FnMut(UserInfo) -> bool) -> StoreResult<()> {
    let everybody = newest_first!(users::table).select(UserInfoRow::as_select());
    for user in everybody.load_iter::<UserInfoRow, RowByRow>(conn)? {
        if !row(user?.into()) {
            break;
        }
    }
    Ok(())
}

/// What a walk has passed at a time.
struct Window {
    rows: usize,
    /// What they took.
    bytes: usize,
    /// More are wanted.
    wanted: bool,
    /// The last one's time and id.
    created_at: StoredTime,
    id: String,
}

impl Window {
    /// Passes as many as `size` of those `behind` a place.
    fn pass(
        conn: &mut Raw,
        behind: Option<Condition>,
        size: usize,
        wal: bool,
        row: &mut dyn FnMut(UserInfo) -> bool,
    ) -> StoreResult<Self> {
        let mut window =
            Self { rows: 0, bytes: 0, wanted: true, created_at: StoredTime::default(), id: String::new() };
        let rows = newest_first!(users::table.into_boxed::<Backend>().filter(newest(behind, size)))
            .select((users::created_at, UserInfoRow::as_select()))
            .load_iter::<(StoredTime, UserInfoRow), RowByRow>(conn)?;
        if wal {
            for user in rows {
                if !window.take(user?, row) {
                    break;
                }
            }
        } else {
            // Writers can go on when all are read, however slowly they are taken.
            for user in rows.collect::<QueryResult<Vec<_>>>()? {
                if !window.take(user, row) {
                    break;
                }
            }
        }
        Ok(window)
    }

    fn take(
        &mut self,
        (created_at, user): (StoredTime, UserInfoRow),
        row: &mut dyn FnMut(UserInfo) -> bool,
    ) -> bool {
        self.rows += 1;
        self.bytes += user.bytes();
        self.created_at = created_at;
        self.id.clear();
        self.id.push_str(user.id());
        self.wanted = row(user.into());
        self.wanted
    }

    fn next_size(&self, size: usize) -> usize {
        let fitting = BYTES / (self.bytes / self.rows.max(1)).max(1);
        fitting.clamp(FIRST, size * GROWTH)
    }
}

/// The newest of those behind a place, as many as `size`, in the order in which the table has them.
fn newest(behind: Option<Condition>, size: usize) -> Condition {
    let places = Condition::fixed("\"user\".rowid IN (SELECT \"user\".rowid FROM \"user\" WHERE TRUE");
    let places = match behind {
        Some(behind) => places.also(behind),
        None => places,
    };
    // A bound text is no number before something is done with it.
    places.sql(" ORDER BY \"user\".created_at DESC, \"user\".id DESC LIMIT (").bind(&size.to_string()).sql(" + 0))")
}
