//! Table `user`, one row at a time; its lists are in `users_list`.

use diesel::dsl::exists;
use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::dialect::Dialect;
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::{ApiKeyId, ConnectionId, SessionId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::list::{AccountStatus, ListQuery, SearchText, UserFilter};
use rosterd_domain::role::Role;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::user::{AccountRow, NewUser, UserChanges, UserInfo, UserModel};

use super::dialect::{self, WRITES_TOGETHER, by_code_point, for_update};
use super::suspensions::{Shown, shown, suspension};
use super::{Queries, documents, emails, links, revocations, scim, sessions, unconfirmed, users_list};
use crate::carried;
use crate::fragments::{IfThere, RowBytes};
use crate::migrations::{APPLIED, Applied};
use crate::rows::{AccountColumns, NewUserRow, UserChangeset, UserInfoRow, UserRow, user_columns};
use crate::schema::{auths, counters, suspensions, user_search, users};
use crate::types::{LossyText, StoredJson, StoredTime, json_text, text};
use crate::{
    Document, Housekeeping, ListedSizes, Search, StoreResult, SuspensionWrites, UnconfirmedAccounts,
    UserWrites, Users,
};

impl Users for Queries<'_> {
    fn find_user(&mut self, id: &UserId) -> StoreResult<Option<UserModel>> {
        let mut user = self.find_suspended_or_not(id)?;
        if let Some(user) = user.as_mut().filter(|user| user.role == Role::Pending) {
            user.unconfirmed = self.find_unconfirmed(id)?;
        }
        Ok(user)
    }

    fn find_account(&mut self, id: &UserId) -> StoreResult<Option<AccountRow>> {
        let query = users::table.find(id.as_str()).select(AccountColumns::as_select());
        Ok(query.get_result(self.conn).optional()?.map(AccountRow::from))
    }

    fn find_user_info(&mut self, id: &UserId) -> StoreResult<Option<UserInfo>> {
        let query = users::table.find(id.as_str()).select(UserInfoRow::as_select());
        Ok(query.get_result(self.conn).optional()?.map(UserInfo::from))
    }

    fn lock_account(&mut self, id: &UserId) -> StoreResult<Option<AccountRow>> {
        let query = users::table.find(id.as_str()).select((AccountColumns::as_select(), RowBytes));
        let row: Option<(AccountColumns, i64)> = for_update!(query).get_result(self.conn).optional()?;
        Ok(row.map(|(columns, bytes)| {
            carried::note(usize::try_from(bytes).unwrap_or_default());
            AccountRow::from(columns)
        }))
    }

    fn lock_user(&mut self, id: &UserId) -> StoreResult<bool> {
        let query = users::table.find(id.as_str()).select(users::last_active_at);
        Ok(for_update!(query).get_result::<StoredTime>(self.conn).optional()?.is_some())
    }

    fn find_profile_image(&mut self, id: &UserId) -> StoreResult<Option<String>> {
        let query = users::table.find(id.as_str()).select(users::profile_image_url);
        Ok(query.get_result::<LossyText>(self.conn).optional()?.map(String::from))
    }

    fn find_last_active_at(&mut self, id: &UserId) -> StoreResult<Option<UnixSeconds>> {
        let query = users::table.find(id.as_str()).select(users::last_active_at);
        Ok(query.get_result::<StoredTime>(self.conn).optional()?.map(i64::from))
    }

    fn find_timezone(&mut self, id: &UserId) -> StoreResult<Option<String>> {
        let query = users::table.find(id.as_str()).select(users::timezone);
        let zone: Option<Option<LossyText>> = query.get_result(self.conn).optional()?;
        Ok(text(zone.flatten()))
    }

    fn find_variables(&mut self, id: &UserId) -> StoreResult<Option<JsonText>> {
        if !self.layout.newer.variables {
            return Ok(None);
        }
        let query = users::table.find(id.as_str()).select(users::variables);
        let variables: Option<Option<StoredJson>> = query.get_result(self.conn).optional()?;
        Ok(json_text(variables.flatten()))
    }

    fn list_user_ids_by_email(&mut self, email: &EmailLookup) -> StoreResult<Vec<UserId>> {
        emails::list(self, email)
    }

    fn find_primary_admin(&mut self) -> StoreResult<Option<UserId>> {
        // Who has no time of creation came neither first nor last: SQLite would sort NULL before all times.
        let known = users::table.filter(users::created_at.is_not_null()).select(users::id).limit(1);
        let id = by_code_point(users::id);
        let found: QueryResult<LossyText> = match self.layout.dialect {
            Dialect::V0_6 => known.order((users::created_at, id)).get_result(self.conn),
            Dialect::V0_12 => {
                known.order((users::created_at, users::role.eq("admin").desc(), id)).get_result(self.conn)
            }
        };
        let id = found.optional()?;
        Ok(id.map(|id| UserId::from_stored(id.into())))
    }

    fn is_another_made_by(&mut self, at: UnixSeconds, but: [&UserId; 2]) -> StoreResult<bool> {
        let [one, other] = but;
        let another = users::table
            .filter(users::created_at.le(at))
            .filter(users::id.ne(one.as_str()))
            .filter(users::id.ne(other.as_str()))
            // Not every layout has every column.
            .select(users::id);
        Ok(diesel::select(exists(another)).get_result(self.conn)?)
    }

    fn count_users(&mut self) -> StoreResult<i64> {
        if self.layout.counter {
            return Ok(counters::table.find("users").select(counters::value).get_result(self.conn)?);
        }
        Ok(users::table.count().get_result(self.conn)?)
    }

    fn list_users(&mut self, query: &ListQuery, listed: ListedSizes) -> StoreResult<Vec<UserModel>> {
        users_list::list_users(self, query, listed)
    }

    fn list_user_infos(&mut self, query: &ListQuery) -> StoreResult<Vec<UserInfo>> {
        users_list::list_user_infos(self, query)
    }

    fn count_matching(&mut self, search: Option<&SearchText>) -> StoreResult<i64> {
        if let Some((counted, total)) = &self.counted
            && counted.as_ref() == search
        {
            return Ok(*total);
        }
        let Some(search) = search else { return self.count_users() };
        let total = if self.layout.search.has_copy(search) {
            // One copy a user, by foreign key and primary key: counted without a look at the users.
            dialect::count_copies(self.conn, search, self.layout)?
        } else {
            let matching = self.matches(search)?;
            users::table.filter(matching).count().get_result(self.conn)?
        };
        self.counted = Some((Some(search.clone()), total));
        Ok(total)
    }

    fn count_listed(&mut self, query: &ListQuery) -> StoreResult<i64> {
        if query.filter.is_empty() {
            return self.count_matching(query.search.as_ref());
        }
        if query.search.is_none() && query.filter == UserFilter::of_status(AccountStatus::Active) {
            // Nearly everybody: those who are suspended are fewer, and sooner counted.
            let suspended = query.clone().narrowed(UserFilter::of_status(AccountStatus::Suspended));
            return Ok(self.count_users()?.saturating_sub(users_list::count_narrowed(self, &suspended)?));
        }
        users_list::count_narrowed(self, query)
    }

    fn for_each_user_info(&mut self, row: &mut dyn FnMut(UserInfo) -> bool) -> StoreResult<()> {
        users_list::for_each_user_info(self, row)
    }
}

impl UserWrites for Queries<'_> {
    fn insert_user(&mut self, new: &NewUser) -> StoreResult<()> {
        self.forget_searches();
        diesel::insert_into(users::table).values(NewUserRow::from(new)).execute(self.conn)?;
        self.insert_search_copy(new.id.as_str(), new.name.as_str(), new.email.as_str())
    }

    fn update_user(&mut self, id: &UserId, changes: &UserChanges, now: UnixSeconds) -> StoreResult<bool> {
        if changes.is_empty() {
            let known = users::table.find(id.as_str()).select(users::last_active_at);
            return Ok(known.get_result::<StoredTime>(self.conn).optional()?.is_some());
        }
        self.forget_searches();
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

    fn set_created_at(&mut self, id: &UserId, at: UnixSeconds, now: UnixSeconds) -> StoreResult<bool> {
        let written = diesel::update(users::table.find(id.as_str()))
            .set((users::created_at.eq(at), users::updated_at.eq(now)))
            .execute(self.conn)?;
        Ok(written > 0)
    }

    fn set_document(
        &mut self,
        id: &UserId,
        document: Document,
        text: &JsonText,
        now: UnixSeconds,
    ) -> StoreResult<bool> {
        let noted = if WRITES_TOGETHER { std::mem::take(&mut self.noted) } else { Vec::new() };
        documents::set_document(self.conn, (id, document), text, now, noted)
    }

    fn set_variables(&mut self, id: &UserId, text: &JsonText, now: UnixSeconds) -> StoreResult<bool> {
        if !self.layout.newer.variables {
            return Ok(false);
        }
        let written = diesel::update(users::table.find(id.as_str()))
            .set((users::variables.eq(StoredJson::from(text)), users::updated_at.eq(now)))
            .execute(self.conn)?;
        Ok(written > 0)
    }

    fn delete_user(&mut self, id: &UserId) -> StoreResult<bool> {
        self.forget_searches();
        if self.layout.search != Search::Scan {
            diesel::delete(user_search::table.find(id.as_str())).execute(self.conn)?;
        }
        Ok(diesel::delete(users::table.find(id.as_str())).execute(self.conn)? > 0)
    }
}

impl Queries<'_> {
    /// A whole row, and the suspension.
    fn find_suspended_or_not(&mut self, id: &UserId) -> StoreResult<Option<UserModel>> {
        let columns = user_columns!(IfThere::new(users::scim, self.layout.newer.scim));
        if !self.layout.suspensions {
            let query = users::table.find(id.as_str()).select(columns);
            let row: Option<UserRow> = query.get_result(self.conn).optional()?;
            return Ok(row.map(UserModel::from));
        }
        let query = users::table
            .left_join(suspensions::table.on(suspensions::user_id.eq(users::id)))
            .filter(users::id.eq(id.as_str()))
            .select((columns, suspensions::user_id.nullable(), shown!().nullable()));
        let row: Option<(UserRow, Option<LossyText>, Option<Shown>)> =
            query.get_result(self.conn).optional()?;
        Ok(row.map(|(row, suspended, shown)| {
            // Times and texts are read from NULL too, so the key tells whether there is a row.
            UserModel { suspension: suspended.and(shown).map(suspension), ..UserModel::from(row) }
        }))
    }
}

impl Housekeeping for Queries<'_> {
    fn forget_ended_revocations(&mut self, now: UnixSeconds) -> StoreResult<usize> {
        revocations::forget_ended(self, now)
    }

    fn forget_ended_sessions(&mut self, now: UnixSeconds) -> StoreResult<usize> {
        sessions::forget_ended(self, now)
    }

    fn forget_ended_links(&mut self, now: UnixSeconds) -> StoreResult<usize> {
        links::forget_ended(self, now)
    }

    fn forget_void_unconfirmed(&mut self) -> StoreResult<usize> {
        unconfirmed::forget_void(self)
    }

    fn list_migrations(&mut self) -> StoreResult<Vec<String>> {
        let applied: Vec<Applied> = diesel::sql_query(APPLIED).load(self.conn)?;
        Ok(applied.into_iter().map(|ran| ran.version).collect())
    }

    fn touch_sessions(&mut self, seen: &[(SessionId, UnixSeconds)]) -> StoreResult<()> {
        if seen.is_empty() || !self.layout.sessions {
            return Ok(());
        }
        dialect::touch_sessions(self.conn, seen)
    }

    fn note_attempt(&mut self, user: Option<&UserId>, now: UnixSeconds) -> StoreResult<()> {
        self.attempted(user, now)
    }

    fn note_sign_in(&mut self, user: &UserId, attempted: bool, now: UnixSeconds) -> StoreResult<()> {
        self.signed_in(user, attempted, now)
    }

    fn forget_suspension(&mut self, user: &UserId) -> StoreResult<bool> {
        self.delete_suspension(user)
    }

    fn forget_scim_links_of_gone(&mut self) -> StoreResult<usize> {
        scim::forget_links_of_gone(self)
    }

    fn renew_password_hash(
        &mut self,
        id: &UserId,
        checked: &PasswordHash,
        renewed: &PasswordHash,
    ) -> StoreResult<bool> {
        let row = auths::table.find(id.as_str()).filter(auths::password.eq(checked.expose()));
        let written = diesel::update(row).set(auths::password.eq(renewed.expose())).execute(self.conn)?;
        Ok(written > 0)
    }

    fn touch_users(&mut self, seen: &[(UserId, UnixSeconds)]) -> StoreResult<()> {
        if seen.is_empty() {
            return Ok(());
        }
        dialect::touch(self.conn, seen)
    }

    fn touch_api_keys(&mut self, seen: &[(ApiKeyId, UnixSeconds)]) -> StoreResult<()> {
        self.touch_named_keys(seen)
    }

    fn touch_connections(&mut self, seen: &[(ConnectionId, UnixSeconds)]) -> StoreResult<()> {
        self.touch_scim_connections(seen)
    }

    fn forget_ended_api_keys(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<usize> {
        self.forget_ended_named_keys(user, now)
    }
}
