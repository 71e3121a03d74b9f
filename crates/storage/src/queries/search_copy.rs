//! The folded copies of names and e-mail addresses that searches read, in standalone databases.

use diesel::prelude::*;
use rosterd_domain::list::fold;

use super::Queries;
use super::dialect::{Raw, copied_by_text};
use crate::schema::{user_search, users};
use crate::types::LossyText;
use crate::{Search, StoreResult};

/// How many rows are held at a time while all are folded anew.
const BATCH: i64 = 10_000;

impl Queries<'_> {
    /// Makes the folded copy of a new row's name and e-mail address, where there is one.
    pub(super) fn insert_search_copy(&mut self, id: &str, name: &str, email: &str) -> StoreResult<()> {
        if self.layout.search != Search::Scan {
            diesel::insert_into(user_search::table)
                .values((user_search::user_id.eq(id), user_search::folded.eq(folded_copy(name, email))))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// Brings the copy in step with the row after a change.
    pub(super) fn update_search_copy(&mut self, id: &str) -> StoreResult<()> {
        if self.layout.search != Search::Scan {
            let (name, email): (LossyText, LossyText) =
                users::table.find(id).select((users::name, users::email)).get_result(self.conn)?;
            let written = diesel::update(user_search::table.find(id))
                .set(user_search::folded.eq(folded_copy(name.as_str(), email.as_str())))
                .execute(self.conn)?;
            // A row that somebody inserted past rosterd has no copy yet.
            if written == 0 {
                self.insert_search_copy(id, name.as_str(), email.as_str())?;
            }
        }
        Ok(())
    }
}

/// Writes every copy again that an older version folded in another way. Part of a migration, and so of its transaction.
pub(crate) fn fold_anew(conn: &mut Raw) -> StoreResult<()> {
    let mut last = String::new();
    loop {
        let rows: Vec<(LossyText, LossyText, LossyText, LossyText)> = user_search::table
            .inner_join(users::table.on(users::id.eq(user_search::user_id)))
            .filter(copied_by_text())
            .filter(user_search::user_id.gt(&last))
            .order(user_search::user_id)
            .select((user_search::user_id, user_search::folded, users::name, users::email))
            .limit(BATCH)
            .load(conn)?;
        // An id that is no UTF-8 is not what was read: from there nobody could go on.
        let is_exact = |id: &LossyText| !id.as_str().contains(char::REPLACEMENT_CHARACTER);
        let Some((end, ..)) = rows.iter().rev().find(|(id, ..)| is_exact(id)) else { return Ok(()) };
        end.as_str().clone_into(&mut last);
        for (id, before, name, email) in rows {
            let folded = folded_copy(name.as_str(), email.as_str());
            if folded != before.as_str() {
                diesel::update(user_search::table.find(id.as_str()))
                    .set(user_search::folded.eq(folded))
                    .execute(conn)?;
            }
        }
    }
}

/// What the copy holds. A line feed keeps a search from matching across the two.
pub(super) fn folded_copy(name: &str, email: &str) -> String {
    format!("{}\n{}", fold(name), fold(email))
}
