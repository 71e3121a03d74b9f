//! Table `rosterd_sign_in`.

use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::last_sign_in::LastSignIn;

use super::Queries;
use crate::StoreResult;
use crate::fragments::Statement;
use crate::schema::sign_ins;
use crate::types::{StoredTime, time};

/// Times, and how many failed.
type Columns = (Option<StoredTime>, StoredTime, Option<StoredTime>, Option<StoredTime>, StoredTime);

impl Queries<'_> {
    /// See [`Sessions::find_last_sign_in`](crate::Sessions::find_last_sign_in).
    pub(super) fn last_sign_in(&mut self, user: &UserId) -> StoreResult<Option<LastSignIn>> {
        if !self.layout.sign_ins {
            return Ok(None);
        }
        let row: Option<Columns> = sign_ins::table
            .find(user.as_str())
            .select((
                sign_ins::signed_in_at,
                sign_ins::failed,
                sign_ins::failed_at,
                sign_ins::previous_at,
                sign_ins::failed_before,
            ))
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(|(signed_in_at, failed, failed_at, previous_at, failed_before)| LastSignIn {
            signed_in_at: time(signed_in_at),
            failed: failed.into(),
            failed_at: time(failed_at),
            previous_at: time(previous_at),
            failed_before: failed_before.into(),
        }))
    }

    /// See [`Housekeeping::note_attempt`](crate::Housekeeping::note_attempt).
    pub(super) fn attempted(&mut self, user: Option<&UserId>, now: UnixSeconds) -> StoreResult<()> {
        if !self.layout.sign_ins {
            return Ok(());
        }
        // No account has the empty id.
        Statement::new("INSERT INTO rosterd_sign_in (user_id, failed, failed_at, failed_before) SELECT id, 1, ")
            .number(now)
            .sql(", 0 FROM auth WHERE id = ")
            .text(user.map_or("", UserId::as_str))
            .sql(
                " ON CONFLICT (user_id) DO UPDATE SET failed = rosterd_sign_in.failed + 1, failed_at = excluded.failed_at",
            )
            .execute(self.conn)?;
        Ok(())
    }

    /// See [`Housekeeping::note_sign_in`](crate::Housekeeping::note_sign_in).
    pub(super) fn signed_in(&mut self, user: &UserId, attempted: bool, now: UnixSeconds) -> StoreResult<()> {
        if !self.layout.sign_ins {
            return Ok(());
        }
        let own = i64::from(attempted);
        Statement::new("INSERT INTO rosterd_sign_in (user_id, signed_in_at, failed, failed_before) VALUES (")
            .text(user.as_str())
            .sql(", ")
            .number(now)
            .sql(
                ", 0, 0) ON CONFLICT (user_id) DO UPDATE SET previous_at = rosterd_sign_in.signed_in_at, \
                 failed_before = CASE WHEN rosterd_sign_in.failed > ",
            )
            .number(own)
            .sql(" THEN rosterd_sign_in.failed - ")
            .number(own)
            .sql(" ELSE 0 END, signed_in_at = excluded.signed_in_at, failed = 0, failed_at = NULL")
            .execute(self.conn)?;
        Ok(())
    }

    /// Deletes the user's row.
    pub(super) fn forget_sign_ins(&mut self, user: &UserId) -> StoreResult<()> {
        if self.layout.sign_ins {
            diesel::delete(sign_ins::table.find(user.as_str())).execute(self.conn)?;
        }
        Ok(())
    }
}
