//! The row behind a request. It is read for every request, so every variant is one statement.

use diesel::dsl::{self, exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Json, Nullable};
use rosterd_domain::api_key::format;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::rules::api_keys::has_ended;
use rosterd_domain::secret::ApiKey;
use rosterd_domain::stored_config::Key;
use rosterd_domain::user::CallerRow;

use super::Queries;
use super::api_keys::LimitColumns;
use super::configs::present;
use super::dialect::{self, is_account_of_user, lock_users};
use crate::carried;
use crate::fragments::{IfThere, Null, OneOf, RowBytes};
use crate::rows::CallerColumns;
use crate::schema::{
    api_keys, auths, config_values, group_members, groups, named_keys, revoked_tokens, sessions, users,
};
use crate::types::{GatheredRights, LossyText, StoredJson, StoredTime, json_text, time};
use crate::{
    Callers, ConfigLayout, Document, Groups as _, Layout, OwnSettings, PermissionSources, Revocations,
    StoreResult, TokenId,
};

/// How long a revocation outlives its token, in seconds: a clock that is set back makes a token good again, and must not
/// make a revoked one good.
pub(super) const KEPT_AFTER_END: i64 = 86_400;

/// What the account's row in `auth` says: the stamp, whether the account is active, and whether there is a row. Last, what
/// is stored of the second factor, if it may be demanded.
type Account = (Option<LossyText>, Option<bool>, bool, Option<StoredJson>);
type Found = (CallerColumns, Account, bool);
type FoundByKey = (CallerColumns, Account, bool, Option<StoredTime>);
type FoundByNamedKey = (CallerColumns, Account, bool, LimitColumns);
type FoundWith = (CallerColumns, Account, bool, Option<StoredJson>);
type FoundWithHouse = (CallerColumns, Account, bool, Option<StoredJson>, Option<StoredJson>);
type FoundToMerge = (CallerColumns, Account, bool, Option<StoredJson>, i64);
/// With the template, and the permissions of the caller's groups.
type FoundWithRights = (CallerColumns, Account, bool, Option<StoredJson>, Option<GatheredRights>);

/// Users, each with the row of the account where there is one.
macro_rules! with_account {
    ($users:expr) => {
        $users.left_join(auths::table.on(is_account_of_user!()))
    };
}

/// What is read of the account in a standalone database.
macro_rules! stamped {
    () => {
        (
            auths::session_stamp.nullable(),
            auths::active.nullable(),
            auths::id.nullable().is_not_null(),
            Null::<Nullable<Json>>::new(),
        )
    };
}

/// The same as this layout has it.
macro_rules! as_there {
    ($layout:expr) => {
        (
            IfThere::new(auths::session_stamp.nullable(), $layout.session_stamp),
            auths::active.nullable(),
            auths::id.nullable().is_not_null(),
            IfThere::new(
                config_values::table
                    .find(ConfigLayout::KeyValue.place_of(Key::EnableMfa))
                    .select(config_values::value)
                    .single_value(),
                $layout.tells_factor_with_caller() && $layout.stored_settings,
            ),
        )
    };
}

/// Whether this token was revoked; a token without `jti` never is, since nothing equals NULL.
macro_rules! revoked {
    ($jti:expr) => {
        exists(revoked_tokens::table.filter(revoked_tokens::jti.nullable().eq($jti)))
    };
}

/// Whether the session that this user's token names is over: its row has an end, or is not there.
macro_rules! over {
    ($id:expr, $session:expr) => {
        not(exists(
            sessions::table
                .filter(sessions::id.eq($session))
                .filter(sessions::user_id.eq($id.as_str()))
                .filter(sessions::ended_at.is_null()),
        ))
    };
}

/// What decides whether a token is refused.
enum Refused<'a> {
    /// A revocation of this `jti`.
    Revoked(Option<&'a str>),
    /// The end of this session.
    Over(&'a str),
    /// Nothing in the database.
    Known(bool),
}

impl<'a> Refused<'a> {
    fn by(layout: &Layout, token: TokenId<'a>) -> Self {
        match token {
            TokenId::Session(id) if layout.sessions => Self::Over(id.as_str()),
            TokenId::Session(_) => Self::Known(true),
            TokenId::Other(jti) if layout.revocations => Self::Revoked(jti),
            TokenId::Other(_) => Self::Known(false),
        }
    }
}

/// The columns of a standalone database.
struct AllThere;

/// The columns of this layout.
struct AsThere<'a>(&'a Layout);

impl AllThere {
    #[expect(clippy::unused_self, reason = "other layouts have to look")]
    fn parent(&self) -> dsl::Nullable<groups::parent_group_id> {
        groups::parent_group_id.nullable()
    }
}

impl AsThere<'_> {
    fn parent(&self) -> IfThere<dsl::Nullable<groups::parent_group_id>> {
        IfThere::new(groups::parent_group_id.nullable(), self.0.group_parents)
    }
}

/// Runs a query for the one row there may be.
macro_rules! one {
    ($queries:expr, $query:expr, $row:ty) => {
        $query.get_result::<$row>($queries.conn).optional()?
    };
}

/// The same, with the row of `user` locked.
macro_rules! one_locked {
    ($queries:expr, $query:expr, $row:ty) => {
        one!($queries, lock_users!($query), $row)
    };
}

/// What `$query` gives, a query for the caller named by a token. It is written with what depends on layout and token: `$account`,
/// what is read of the account; `$refused`, whether the token is refused; and `$columns`, by which other columns are read that
/// not every layout has.
macro_rules! by_token {
    ($queries:expr, $id:expr, $token:expr, |$account:ident, $refused:ident, $columns:pat_param| $query:expr) => {
        match Refused::by($queries.layout, $token) {
            // The two that are asked most have static types: Diesel finds them in its cache without writing them.
            Refused::Over(session) if $queries.layout.is_standalone() => {
                let ($account, $refused, $columns) = (stamped!(), over!($id, session), AllThere);
                $query
            }
            Refused::Revoked(jti) if $queries.layout.is_standalone() => {
                let ($account, $refused, $columns) = (stamped!(), revoked!(jti), AllThere);
                $query
            }
            refused => {
                let refused = match refused {
                    Refused::Over(session) => OneOf::First(over!($id, session)),
                    Refused::Revoked(jti) => OneOf::Second(revoked!(jti)),
                    Refused::Known(known) => OneOf::Third(known.into_sql::<Bool>()),
                };
                let layout = $queries.layout;
                let ($account, $refused, $columns) = (as_there!(layout), refused, AsThere(layout));
                $query
            }
        }
    };
}

/// The caller named by a token, by a query that `$run` runs, as a `$row` that ends in `$more`.
macro_rules! caller {
    ($queries:expr, $id:expr, $token:expr, $run:ident, $row:ty $(, $more:expr)*) => {
        by_token!($queries, $id, $token, |account, refused, _| $run!(
            $queries,
            with_account!(users::table)
                .filter(users::id.eq($id.as_str()))
                .select((CallerColumns::as_select(), account, refused $(, $more)*)),
            $row
        ))
    };
}

impl Callers for Queries<'_> {
    fn find_caller(&mut self, id: &UserId, token: TokenId<'_>) -> StoreResult<Option<CallerRow>> {
        let found = caller!(self, id, token, one, Found);
        Ok(found.map(|(columns, account, revoked)| columns.into_caller(account, revoked)))
    }

    fn find_caller_with(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        document: Document,
    ) -> StoreResult<Option<(CallerRow, Option<JsonText>)>> {
        let found = match document {
            Document::Settings => caller!(self, id, token, one, FoundWith, users::settings),
            Document::Info => caller!(self, id, token, one, FoundWith, users::info),
        };
        Ok(found.map(|(columns, account, revoked, document)| {
            (columns.into_caller(account, revoked), json_text(document))
        }))
    }

    fn find_caller_with_settings(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        house: &str,
    ) -> StoreResult<Option<OwnSettings>> {
        if self.layout.config != ConfigLayout::KeyValue || !self.layout.stored_settings {
            let found = self.find_caller_with(id, token, Document::Settings)?;
            return Ok(found.map(|(caller, settings)| OwnSettings { caller, settings, house: None }));
        }
        let house = config_values::table.find(house).select(config_values::value).single_value();
        let found = caller!(self, id, token, one, FoundWithHouse, users::settings, house);
        Ok(found.map(|(columns, account, revoked, settings, house)| OwnSettings {
            caller: columns.into_caller(account, revoked),
            settings: json_text(settings),
            house: json_text(house),
        }))
    }

    fn find_caller_with_rights(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        template: &str,
    ) -> StoreResult<Option<(CallerRow, PermissionSources)>> {
        if self.layout.config != ConfigLayout::KeyValue || !self.layout.stored_settings {
            let Some(caller) = self.find_caller(id, token)? else { return Ok(None) };
            return Ok(Some((caller, self.find_permission_sources(id, template)?)));
        }
        let template = config_values::table.find(template).select(config_values::value).single_value();
        // In one row: of a row for each group, the caller would be read again and again.
        let found = by_token!(self, id, token, |account, refused, columns| {
            let rights = group_members::table
                .inner_join(groups::table.on(groups::id.eq(group_members::group_id)))
                .filter(group_members::user_id.eq(users::id))
                .select(dialect::gathered_rights(columns.parent()))
                .single_value();
            let query = with_account!(users::table).filter(users::id.eq(id.as_str())).select((
                CallerColumns::as_select(),
                account,
                refused,
                template,
                rights,
            ));
            one!(self, query, FoundWithRights)
        });
        let Some((columns, account, refused, template, rights)) = found else { return Ok(None) };
        let rights = rights.unwrap_or_default();
        let groups = if rights.is_nested { self.list_permissions_of(id)? } else { rights.permissions };
        let template = json_text(template).and_then(present);
        Ok(Some((columns.into_caller(account, refused), PermissionSources { template, groups })))
    }

    fn lock_caller_with(
        &mut self,
        id: &UserId,
        token: TokenId<'_>,
        document: Document,
    ) -> StoreResult<Option<(CallerRow, Option<JsonText>)>> {
        let found = match document {
            Document::Settings => {
                caller!(self, id, token, one_locked, FoundToMerge, users::settings, RowBytes)
            }
            Document::Info => caller!(self, id, token, one_locked, FoundToMerge, users::info, RowBytes),
        };
        Ok(found.map(|(columns, account, revoked, document, row_bytes)| {
            carried::note(usize::try_from(row_bytes).unwrap_or_default());
            (columns.into_caller(account, revoked), json_text(document))
        }))
    }

    fn find_caller_by_api_key(&mut self, key: &ApiKey, now: UnixSeconds) -> StoreResult<Option<CallerRow>> {
        if format::has_name(key) {
            return self.find_caller_by_named_key(key, now);
        }
        let stored = self.as_stored(key);
        let owners = users::table.inner_join(api_keys::table.on(api_keys::user_id.eq(users::id.nullable())));
        let found = with_account!(owners)
            // In clear too: a server of an older version may have made it since the last start hashed all keys.
            .filter(api_keys::key.eq(stored.as_str()).or(api_keys::key.eq(key.expose())))
            .select((
                CallerColumns::as_select(),
                as_there!(self.layout),
                false.into_sql::<Bool>(),
                api_keys::expires_at,
            ))
            .get_result::<FoundByKey>(self.conn)
            .optional()?;
        // Judged here: to SQLite any text is greater than any number.
        let found = found.filter(|(.., expires_at)| !has_ended(time(*expires_at), now));
        Ok(found.map(|(columns, account, revoked, _)| columns.into_caller(account, revoked)))
    }
}

impl Queries<'_> {
    fn find_caller_by_named_key(&mut self, key: &ApiKey, now: UnixSeconds) -> StoreResult<Option<CallerRow>> {
        if !self.layout.named_keys {
            return Ok(None);
        }
        let owners = users::table.inner_join(named_keys::table.on(named_keys::user_id.eq(users::id)));
        let found = with_account!(owners)
            .filter(named_keys::hash.eq(format::hash(key)))
            .select((
                CallerColumns::as_select(),
                as_there!(self.layout),
                false.into_sql::<Bool>(),
                LimitColumns::as_select(),
            ))
            .get_result::<FoundByNamedKey>(self.conn)
            .optional()?;
        Ok(found.filter(|(.., limits)| !limits.has_ended(now)).map(|(columns, account, revoked, limits)| {
            let key = Some(Box::new(limits.into_limits()));
            CallerRow { key, ..columns.into_caller(account, revoked) }
        }))
    }
}

impl Revocations for Queries<'_> {
    fn revoke_token(
        &mut self,
        jti: &str,
        expires_at: Option<UnixSeconds>,
        now: UnixSeconds,
    ) -> StoreResult<bool> {
        if !self.layout.revocations {
            return Ok(false);
        }
        diesel::delete(
            revoked_tokens::table.filter(revoked_tokens::expires_at.le(now.saturating_sub(KEPT_AFTER_END))),
        )
        .execute(self.conn)?;
        diesel::insert_into(revoked_tokens::table)
            .values((revoked_tokens::jti.eq(jti), revoked_tokens::expires_at.eq(expires_at)))
            .on_conflict_do_nothing()
            .execute(self.conn)?;
        Ok(true)
    }
}
