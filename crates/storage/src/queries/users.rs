//! Table `user`, one row at a time; its lists are in `users_list`.

use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::list::{ListQuery, SearchText, fold};
use rosterd_domain::user::{NewUser, UserChanges, UserInfo, UserModel};

use super::dialect::{self, by_code_point, folded, for_update};
use super::{Session, users_list};
use crate::fragments::{Statement, Wrapped};
use crate::rows::{NewUserRow, UserChangeset, UserRow, user_columns};
use crate::schema::{counters, user_search, users};
use crate::types::StoredJson;
use crate::{Document, Search, StoreResult, Users};

impl Users for Session<'_> {
    fn find_user(&mut self, id: &UserId) -> StoreResult<Option<UserModel>> {
        let row: Option<UserRow> = users::table
            .find(id.as_str())
            .select(user_columns!(users::profile_image_url))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(UserModel::from))
    }

    fn lock_user(&mut self, id: &UserId) -> StoreResult<Option<UserModel>> {
        let query = users::table.find(id.as_str()).select(user_columns!(users::profile_image_url));
        let row: Option<UserRow> = for_update!(query).get_result(self.conn).optional()?;
        Ok(row.map(UserModel::from))
    }

    fn find_profile_image(&mut self, id: &UserId) -> StoreResult<Option<String>> {
        let query = users::table.find(id.as_str()).select(users::profile_image_url);
        Ok(query.get_result(self.conn).optional()?)
    }

    fn find_last_active_at(&mut self, id: &UserId) -> StoreResult<Option<UnixSeconds>> {
        Ok(users::table.find(id.as_str()).select(users::last_active_at).get_result(self.conn).optional()?)
    }

    fn find_user_id_by_email(&mut self, email: &EmailAddress) -> StoreResult<Option<UserId>> {
        let email = email.as_str();
        let found = if self.layout.is_own() {
            // Stored folded, under a unique index.
            users::table.filter(users::email.eq(email)).select(users::id).get_result(self.conn).optional()?
        } else {
            /// The first account with the address by one way to compare them.
            macro_rules! first_where {
                ($folded:expr, $email:expr) => {
                    users::table
                        .filter($folded.eq($email))
                        // Always so, but Open WebUI's index is a partial one and is used only if it is said.
                        .filter(users::email.is_not_null())
                        .order((users::created_at, by_code_point(users::id)))
                        .select(users::id)
                        .limit(1)
                        .get_result(self.conn)
                        .optional()?
                };
            }
            // Their index folds ASCII only, so it can say yes but not no.
            let indexed: Option<String> = if self.layout.email_index && email.is_ascii() {
                first_where!(Wrapped::new("lower(", users::email, ")"), email)
            } else {
                None
            };
            match indexed {
                Some(id) => Some(id),
                None => first_where!(folded(users::email, self.layout), fold(email)),
            }
        };
        Ok(found.map(UserId::from_stored))
    }

    fn find_primary_admin(&mut self) -> StoreResult<Option<UserId>> {
        let id: Option<String> = users::table
            .order((users::created_at, by_code_point(users::id)))
            .select(users::id)
            .limit(1)
            .get_result(self.conn)
            .optional()?;
        Ok(id.map(UserId::from_stored))
    }

    fn count_users(&mut self) -> StoreResult<i64> {
        if self.layout.counter {
            return Ok(counters::table.find("users").select(counters::value).get_result(self.conn)?);
        }
        Ok(users::table.count().get_result(self.conn)?)
    }

    fn insert_user(&mut self, new: &NewUser) -> StoreResult<()> {
        diesel::insert_into(users::table).values(NewUserRow::from(new)).execute(self.conn)?;
        self.insert_search_copy(new.id.as_str(), &new.name, new.email.as_str())
    }

    fn update_user(&mut self, id: &UserId, changes: &UserChanges, now: UnixSeconds) -> StoreResult<bool> {
        if changes.is_empty() {
            let known = users::table.find(id.as_str()).select(users::last_active_at);
            return Ok(known.get_result::<i64>(self.conn).optional()?.is_some());
        }
        let row = users::table.find(id.as_str());
        let written = diesel::update(row).set(UserChangeset::new(changes, now)).execute(self.conn)?;
        if written == 0 {
            return Ok(false);
        }
        if changes.name.is_some() || changes.email.is_some() {
            self.update_search_copy(id.as_str())?;
        }
        Ok(true)
    }

    fn set_document(
        &mut self,
        id: &UserId,
        document: Document,
        text: &JsonText,
        now: UnixSeconds,
    ) -> StoreResult<bool> {
        let statement = match document {
            Document::Settings => Statement::new("UPDATE \"user\" SET settings = "),
            Document::Info => Statement::new("UPDATE \"user\" SET info = "),
        };
        let statement = statement.json(StoredJson::from(text)).sql(", updated_at = ").number(now);
        Ok(statement.sql(" WHERE id = ").text(id.as_str()).execute(self.conn)? > 0)
    }

    fn delete_user(&mut self, id: &UserId) -> StoreResult<bool> {
        if self.layout.search != Search::Scan {
            diesel::delete(user_search::table.find(id.as_str())).execute(self.conn)?;
        }
        Ok(diesel::delete(users::table.find(id.as_str())).execute(self.conn)? > 0)
    }

    fn touch_users(&mut self, seen: &[(UserId, UnixSeconds)]) -> StoreResult<()> {
        dialect::touch(self.conn, seen)
    }

    fn list_users(
        &mut self,
        query: &ListQuery,
        max_inline_image: Option<i32>,
    ) -> StoreResult<Vec<UserModel>> {
        users_list::list_users(self, query, max_inline_image)
    }

    fn list_user_infos(&mut self, query: &ListQuery) -> StoreResult<Vec<UserInfo>> {
        users_list::list_user_infos(self, query)
    }

    fn count_matching(&mut self, search: Option<&SearchText>) -> StoreResult<i64> {
        match search {
            None => self.count_users(),
            Some(search) => Ok(if let Some(matching) = dialect::in_copy(search, self.layout) {
                // One row a user, by foreign key and primary key: counted without a look at the users.
                user_search::table.filter(matching).count().get_result(self.conn)?
            } else {
                let matching = dialect::in_columns(search, self.layout);
                users::table.filter(matching).count().get_result(self.conn)?
            }),
        }
    }

    fn for_each_user_info(&mut self, row: &mut dyn FnMut(UserInfo) -> bool) -> StoreResult<()> {
        users_list::for_each_user_info(self, row)
    }
}

impl Session<'_> {
    /// Makes the folded copy of a new row's name and address, where there is one.
    fn insert_search_copy(&mut self, id: &str, name: &str, email: &str) -> StoreResult<()> {
        if self.layout.search != Search::Scan {
            diesel::insert_into(user_search::table)
                .values((user_search::user_id.eq(id), user_search::folded.eq(folded_copy(name, email))))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// Brings the copy in step with the row after a change.
    fn update_search_copy(&mut self, id: &str) -> StoreResult<()> {
        if self.layout.search != Search::Scan {
            let (name, email): (String, String) =
                users::table.find(id).select((users::name, users::email)).get_result(self.conn)?;
            let written = diesel::update(user_search::table.find(id))
                .set(user_search::folded.eq(folded_copy(&name, &email)))
                .execute(self.conn)?;
            // A row that somebody inserted past rosterd has no copy yet.
            if written == 0 {
                self.insert_search_copy(id, &name, &email)?;
            }
        }
        Ok(())
    }
}

/// What the copy holds. A line feed keeps a search from matching across the two.
fn folded_copy(name: &str, email: &str) -> String {
    format!("{}\n{}", fold(name), fold(email))
}
