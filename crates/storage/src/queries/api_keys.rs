//! Table `api_key`.

use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::secret::ApiKey;

use super::Queries;
use crate::schema::api_keys;
use crate::types::LossyText;
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
        Ok(key.map(|key| ApiKey::from_stored(key.into())))
    }
}

impl ApiKeyWrites for Queries<'_> {
    fn replace_api_key(&mut self, user: &UserId, key: &ApiKey, now: UnixSeconds) -> StoreResult<()> {
        self.delete_api_keys(user)?;
        diesel::insert_into(api_keys::table)
            .values((
                api_keys::id.eq(format!("key_{user}")),
                api_keys::user_id.eq(user.as_str()),
                api_keys::key.eq(key.expose()),
                api_keys::created_at.eq(now),
                api_keys::updated_at.eq(now),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn delete_api_keys(&mut self, user: &UserId) -> StoreResult<bool> {
        let keys = api_keys::table.filter(api_keys::user_id.eq(user.as_str()));
        Ok(diesel::delete(keys).execute(self.conn)? > 0)
    }
}
