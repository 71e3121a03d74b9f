//! Table `rosterd_revoked_token`, beside what each request asks it and what signing out writes.

use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;

use super::Queries;
use super::callers::KEPT_AFTER_END;
use crate::StoreResult;
use crate::schema::revoked_tokens;

/// Removes the entries of tokens that ended long ago, where the database keeps any; gives how many that were.
pub(super) fn forget_ended(queries: &mut Queries<'_>, now: UnixSeconds) -> StoreResult<usize> {
    if !queries.layout.revocations {
        return Ok(0);
    }
    let ended = revoked_tokens::expires_at.le(now.saturating_sub(KEPT_AFTER_END));
    Ok(diesel::delete(revoked_tokens::table.filter(ended)).execute(queries.conn)?)
}
