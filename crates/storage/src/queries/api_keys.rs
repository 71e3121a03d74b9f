//! Tables `api_key` and `rosterd_api_key`.

use diesel::prelude::*;
use rosterd_domain::api_key::{ApiKeyInfo, KeyLimits, NewApiKey, format};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{ApiKeyId, UserId};
use rosterd_domain::rules::api_keys::has_ended;
use rosterd_domain::secret::ApiKey;

use super::Queries;
use super::dialect::{Raw, by_code_point, for_update};
use crate::schema::{api_keys, named_keys};
use crate::types::{LossyText, StoredTime, time};
use crate::{ApiKeyWrites, ApiKeys, StoreResult};

impl ApiKeys for Queries<'_> {
    fn find_api_key(&mut self, user: &UserId) -> StoreResult<Option<ApiKey>> {
        // An attached database may hold several; the newest is the one in use.
        let key: Option<LossyText> = api_keys::table
            .filter(api_keys::user_id.eq(user.as_str()))
            .order((api_keys::created_at.desc(), api_keys::id.desc()))
            .select(api_keys::key)
            .limit(1)
            .get_result(self.conn)
            .optional()?;
        Ok(key.map(|key| {
            if !self.layout.is_standalone() {
                return ApiKey::from_stored(key.into());
            }
            let masked = format::masked(key.as_str());
            let of_clear = || format::masked(&format::stored(&ApiKey::from_stored(key.clone().into())));
            ApiKey::from_stored(masked.or_else(of_clear).unwrap_or_default())
        }))
    }

    fn list_api_keys(&mut self, user: &UserId) -> StoreResult<Vec<ApiKeyInfo>> {
        let plain: Vec<(LossyText, LossyText, StoredTime, Option<StoredTime>)> = api_keys::table
            .filter(api_keys::user_id.eq(user.as_str()))
            .select((api_keys::id, api_keys::key, api_keys::created_at, api_keys::expires_at))
            .load(self.conn)?;
        let mut keys: Vec<_> = plain.into_iter().map(of_plain).collect();
        if self.layout.named_keys {
            let named: Vec<NamedRow> = named_keys::table
                .filter(named_keys::user_id.eq(user.as_str()))
                .select(NamedRow::as_select())
                .load(self.conn)?;
            keys.extend(named.into_iter().map(ApiKeyInfo::from));
        }
        keys.sort_by(|one, other| other.created_at.cmp(&one.created_at).then_with(|| one.id.cmp(&other.id)));
        Ok(keys)
    }
}

/// The key of `/auths/api_key`, in clear or as a hash.
fn of_plain(
    (id, key, created_at, expires_at): (LossyText, LossyText, StoredTime, Option<StoredTime>),
) -> ApiKeyInfo {
    let prefix = format::prefix_of(key.as_str()).map(str::to_owned);
    ApiKeyInfo {
        id: ApiKeyId::from_stored(id.into()),
        name: None,
        prefix: prefix.unwrap_or_else(|| format::visible_prefix(&ApiKey::from_stored(key.into())).to_owned()),
        read_only: false,
        allowed_paths: None,
        created_at: created_at.into(),
        expires_at: time(expires_at),
        last_used_at: None,
    }
}

/// A row of `rosterd_api_key`, but for whose it is and the hash.
#[derive(Queryable, Selectable)]
#[diesel(table_name = named_keys)]
struct NamedRow {
    id: LossyText,
    name: LossyText,
    prefix: LossyText,
    read_only: bool,
    allowed_paths: Option<LossyText>,
    created_at: StoredTime,
    expires_at: Option<StoredTime>,
    last_used_at: Option<StoredTime>,
}

impl From<NamedRow> for ApiKeyInfo {
    fn from(row: NamedRow) -> Self {
        Self {
            id: ApiKeyId::from_stored(row.id.into()),
            name: Some(row.name.into()),
            prefix: row.prefix.into(),
            read_only: row.read_only,
            allowed_paths: row.allowed_paths.as_ref().map(paths),
            created_at: row.created_at.into(),
            expires_at: time(row.expires_at),
            last_used_at: time(row.last_used_at),
        }
    }
}

/// The columns of a key with a name that limit it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = named_keys)]
pub(super) struct LimitColumns {
    id: LossyText,
    read_only: bool,
    allowed_paths: Option<LossyText>,
    expires_at: Option<StoredTime>,
}

impl LimitColumns {
    /// Whether the key has ended at `now`.
    pub(super) fn has_ended(&self, now: UnixSeconds) -> bool {
        has_ended(time(self.expires_at), now)
    }

    pub(super) fn into_limits(self) -> KeyLimits {
        KeyLimits {
            id: ApiKeyId::from_stored(self.id.into()),
            read_only: self.read_only,
            allowed_paths: self.allowed_paths.as_ref().map(paths),
        }
    }
}

/// A stored list of paths. One that cannot be read allows nothing.
fn paths(stored: &LossyText) -> Vec<String> {
    serde_json::from_str(stored.as_str()).unwrap_or_default()
}

impl ApiKeyWrites for Queries<'_> {
    fn replace_api_key(&mut self, user: &UserId, key: &ApiKey, now: UnixSeconds) -> StoreResult<()> {
        self.delete_api_key(user)?;
        diesel::insert_into(api_keys::table)
            .values((
                api_keys::id.eq(format!("key_{user}")),
                api_keys::user_id.eq(user.as_str()),
                api_keys::key.eq(self.as_stored(key).as_str()),
                api_keys::created_at.eq(now),
                api_keys::updated_at.eq(now),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn delete_api_key(&mut self, user: &UserId) -> StoreResult<bool> {
        let keys = api_keys::table.filter(api_keys::user_id.eq(user.as_str()));
        Ok(diesel::delete(keys).execute(self.conn)? > 0)
    }

    fn insert_named_key(&mut self, key: &NewApiKey) -> StoreResult<bool> {
        if !self.layout.named_keys {
            return Ok(false);
        }
        // A list of texts always has a JSON form.
        let paths = key.allowed_paths.as_ref().map(|paths| serde_json::json!(paths.as_slice()).to_string());
        diesel::insert_into(named_keys::table)
            .values((
                named_keys::id.eq(key.id.as_str()),
                named_keys::user_id.eq(key.user.as_str()),
                named_keys::name.eq(key.name.as_str()),
                named_keys::hash.eq(format::hash(&key.key)),
                named_keys::prefix.eq(format::visible_prefix(&key.key)),
                named_keys::read_only.eq(key.read_only),
                named_keys::allowed_paths.eq(paths),
                named_keys::created_at.eq(key.created_at),
                named_keys::expires_at.eq(key.expires_at),
            ))
            .execute(self.conn)?;
        Ok(true)
    }

    fn delete_api_key_by_id(&mut self, user: &UserId, id: &ApiKeyId) -> StoreResult<bool> {
        if self.layout.named_keys {
            let named = named_keys::table.find(id.as_str()).filter(named_keys::user_id.eq(user.as_str()));
            if diesel::delete(named).execute(self.conn)? > 0 {
                return Ok(true);
            }
        }
        let plain = api_keys::table.find(id.as_str()).filter(api_keys::user_id.eq(user.as_str()));
        Ok(diesel::delete(plain).execute(self.conn)? > 0)
    }

    fn delete_all_api_keys(&mut self, user: &UserId) -> StoreResult<Vec<ApiKeyId>> {
        let plain = api_keys::table.filter(api_keys::user_id.eq(user.as_str()));
        let mut ids: Vec<LossyText> = plain.select(api_keys::id).load(self.conn)?;
        diesel::delete(plain).execute(self.conn)?;
        if self.layout.named_keys {
            let named = named_keys::table.filter(named_keys::user_id.eq(user.as_str()));
            // In the order in which the uses of keys are written, so that the two cannot deadlock.
            let in_order = named.order(by_code_point(named_keys::id)).select(named_keys::id);
            ids.extend(for_update!(in_order).load::<LossyText>(self.conn)?);
            diesel::delete(named).execute(self.conn)?;
        }
        Ok(ids.into_iter().map(|id| ApiKeyId::from_stored(id.into())).collect())
    }
}

/// How many rows are held at a time while keys are hashed.
const BATCH: i64 = 1_000;

/// Hashes the keys that `api_key` holds in clear (rule K7). Only in a database of ours. They come from an older version, or
/// from somebody who copied rows of Open WebUI.
pub(crate) fn hash_clear_keys(conn: &mut Raw) -> StoreResult<()> {
    // Two ranges of the index on the column: a start finds at once that there is nothing to do.
    const AFTER_HASHED: &str = "sha256;";
    loop {
        let clear: Vec<(LossyText, LossyText)> = api_keys::table
            .filter(api_keys::key.lt(format::HASHED).or(api_keys::key.ge(AFTER_HASHED)))
            .select((api_keys::id, api_keys::key))
            .limit(BATCH)
            .load(conn)?;
        let mut hashed = 0;
        for (id, key) in clear {
            let stored = format::stored(&ApiKey::from_stored(key.into()));
            hashed += diesel::update(api_keys::table.find(id.as_str()))
                .set(api_keys::key.eq(stored))
                .execute(conn)?;
        }
        // None are left, or ids that are no UTF-8, which are not found by what was read of them.
        if hashed == 0 {
            return Ok(());
        }
    }
}

impl Queries<'_> {
    /// The text by which `api_key` holds this key: itself where Open WebUI looks for it, a hash in a database of ours
    /// (rule K7).
    pub(super) fn as_stored(&self, key: &ApiKey) -> String {
        if self.layout.is_standalone() { format::stored(key) } else { key.expose().to_owned() }
    }

    /// See [`Housekeeping::touch_api_keys`](crate::Housekeeping::touch_api_keys).
    pub(super) fn touch_named_keys(&mut self, seen: &[(ApiKeyId, UnixSeconds)]) -> StoreResult<()> {
        if !self.layout.named_keys {
            return Ok(());
        }
        // In the order of their ids, so that two processes that saw the same keys do not wait for each other.
        let mut seen: Vec<_> = seen.iter().collect();
        seen.sort();
        for (id, second) in seen {
            let is_older = named_keys::last_used_at.is_null().or(named_keys::last_used_at.lt(*second));
            diesel::update(named_keys::table.find(id.as_str()).filter(is_older))
                .set(named_keys::last_used_at.eq(*second))
                .execute(self.conn)?;
        }
        Ok(())
    }

    /// See [`Housekeeping::forget_ended_api_keys`](crate::Housekeeping::forget_ended_api_keys).
    pub(super) fn forget_ended_named_keys(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<usize> {
        if !self.layout.named_keys {
            return Ok(0);
        }
        let of_user = named_keys::table.filter(named_keys::user_id.eq(user.as_str()));
        Ok(diesel::delete(of_user.filter(named_keys::expires_at.le(now))).execute(self.conn)?)
    }
}
