//! API keys: in table `api_key` one a user, and in `rosterd_api_key` those with a name.

use rosterd_domain::api_key::{ApiKeyInfo, NewApiKey};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{ApiKeyId, UserId};
use rosterd_domain::secret::ApiKey;

use crate::StoreResult;

/// Both tables of API keys.
pub trait ApiKeys {
    /// The user's key in `api_key`. An attached database holds it in clear, a standalone one as a hash: there it is the
    /// beginning of the key and asterisks (rule K7).
    fn find_api_key(&mut self, user: &UserId) -> StoreResult<Option<ApiKey>>;

    /// What may be told of all keys of a user, those of both tables: the newest first, then by id. Ended ones too.
    fn list_api_keys(&mut self, user: &UserId) -> StoreResult<Vec<ApiKeyInfo>>;
}

/// Changes to both.
pub trait ApiKeyWrites {
    /// Replaces the user's key(s) in `api_key` by this one, id `key_<user id>`.
    fn replace_api_key(&mut self, user: &UserId, key: &ApiKey, now: UnixSeconds) -> StoreResult<()>;

    /// Deletes the user's keys in `api_key`; gives whether there was one.
    fn delete_api_key(&mut self, user: &UserId) -> StoreResult<bool>;

    /// Stores a key with a name; gives `false` where the layout has no table for them.
    fn insert_named_key(&mut self, key: &NewApiKey) -> StoreResult<bool>;

    /// Deletes the user's key with this id, in whichever table it is; gives whether there was one.
    fn delete_api_key_by_id(&mut self, user: &UserId, id: &ApiKeyId) -> StoreResult<bool>;

    /// Deletes all keys of a user, those of both tables; gives their ids in no order.
    fn delete_all_api_keys(&mut self, user: &UserId) -> StoreResult<Vec<ApiKeyId>>;
}
