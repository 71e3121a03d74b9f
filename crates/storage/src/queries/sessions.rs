//! Table `rosterd_session`, beside what each request asks it.

use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{SessionId, UserId};
use rosterd_domain::last_sign_in::LastSignIn;
use rosterd_domain::rules::notice::SignInOrigin;
use rosterd_domain::session::SessionRow;

use super::Queries;
use super::callers::KEPT_AFTER_END;
use super::dialect::for_update;
use crate::schema::sessions;
use crate::types::{LossyText, StoredTime, text, time};
use crate::{MOST_SESSIONS, SessionWrites, Sessions, StoreResult};

/// A row without its end: only rows without one are read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct SessionColumns {
    id: LossyText,
    user_id: LossyText,
    method: LossyText,
    created_at: StoredTime,
    last_seen_at: StoredTime,
    expires_at: Option<StoredTime>,
    client_ip: Option<LossyText>,
    user_agent: Option<LossyText>,
}

impl From<SessionColumns> for SessionRow {
    fn from(row: SessionColumns) -> Self {
        Self {
            id: SessionId::from_stored(row.id.into()),
            user_id: UserId::from_stored(row.user_id.into()),
            method: row.method.into(),
            created_at: row.created_at.into(),
            last_seen_at: row.last_seen_at.into(),
            expires_at: time(row.expires_at),
            client_ip: text(row.client_ip),
            user_agent: text(row.user_agent),
        }
    }
}

/// The user's sessions that were not ended.
macro_rules! of_user {
    ($user:expr) => {
        sessions::table.filter(sessions::user_id.eq($user.as_str())).filter(sessions::ended_at.is_null())
    };
}

/// Whether the token has not ended either.
macro_rules! lives {
    ($now:expr) => {
        sessions::expires_at.is_null().or(sessions::expires_at.gt($now))
    };
}

impl Sessions for Queries<'_> {
    fn list_sessions(&mut self, user: &UserId, now: UnixSeconds) -> StoreResult<Vec<SessionRow>> {
        if !self.layout.sessions {
            return Ok(Vec::new());
        }
        let rows: Vec<SessionColumns> = of_user!(user)
            .filter(lives!(now))
            .order((sessions::created_at.desc(), sessions::id.desc()))
            .limit(MOST_SESSIONS)
            .select(SessionColumns::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(SessionRow::from).collect())
    }

    fn list_session_origins(&mut self, user: &UserId) -> StoreResult<Vec<SignInOrigin>> {
        if !self.layout.sessions {
            return Ok(Vec::new());
        }
        let rows: Vec<(Option<LossyText>, Option<LossyText>)> = sessions::table
            .filter(sessions::user_id.eq(user.as_str()))
            .select((sessions::client_ip, sessions::user_agent))
            .distinct()
            .limit(MOST_SESSIONS)
            .load(self.conn)?;
        let origin = |(client_ip, user_agent)| SignInOrigin {
            client_ip: text(client_ip),
            user_agent: text(user_agent),
        };
        Ok(rows.into_iter().map(origin).collect())
    }

    fn find_last_sign_in(&mut self, user: &UserId) -> StoreResult<Option<LastSignIn>> {
        self.last_sign_in(user)
    }
}

impl SessionWrites for Queries<'_> {
    fn insert_session(&mut self, session: &SessionRow) -> StoreResult<()> {
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(session.id.as_str()),
                sessions::user_id.eq(session.user_id.as_str()),
                sessions::method.eq(&session.method),
                sessions::created_at.eq(session.created_at),
                sessions::last_seen_at.eq(session.last_seen_at),
                sessions::expires_at.eq(session.expires_at),
                sessions::client_ip.eq(session.client_ip.as_deref()),
                sessions::user_agent.eq(session.user_agent.as_deref()),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn end_session(&mut self, user: &UserId, id: &SessionId, now: UnixSeconds) -> StoreResult<bool> {
        if !self.layout.sessions {
            return Ok(false);
        }
        let session = of_user!(user).filter(sessions::id.eq(id.as_str())).filter(lives!(now));
        Ok(diesel::update(session).set(sessions::ended_at.eq(now)).execute(self.conn)? > 0)
    }

    fn end_sessions(
        &mut self,
        user: &UserId,
        kept: Option<&SessionId>,
        now: UnixSeconds,
    ) -> StoreResult<usize> {
        if !self.layout.sessions {
            return Ok(0);
        }
        // No session has the empty id.
        let kept = kept.map_or("", SessionId::as_str);
        // Locked in order of their ids, as the batches that write when they were seen do: so they cannot deadlock.
        let query = of_user!(user)
            .filter(sessions::id.ne(kept))
            .order(sessions::id)
            .select((sessions::id, sessions::expires_at));
        let rows: Vec<(LossyText, Option<StoredTime>)> = for_update!(query).load(self.conn)?;
        let ended = of_user!(user).filter(sessions::id.ne(kept));
        diesel::update(ended).set(sessions::ended_at.eq(now)).execute(self.conn)?;
        Ok(rows.into_iter().filter(|(_, end)| time(*end).is_none_or(|end| end > now)).count())
    }

    fn delete_sessions(&mut self, user: &UserId) -> StoreResult<()> {
        if self.layout.sessions {
            let all = sessions::table.filter(sessions::user_id.eq(user.as_str()));
            // As in `end_sessions`.
            let in_order = all.order(sessions::id).select(sessions::id);
            for_update!(in_order).load::<LossyText>(self.conn)?;
            diesel::delete(all).execute(self.conn)?;
        }
        self.forget_sign_ins(user)
    }
}

/// Removes the rows of sessions whose tokens ended long ago, and of those without an end that were ended long ago; gives
/// how many that were. Such a token is refused without its row, too.
pub(super) fn forget_ended(queries: &mut Queries<'_>, now: UnixSeconds) -> StoreResult<usize> {
    if !queries.layout.sessions {
        return Ok(0);
    }
    let long_ago = now.saturating_sub(KEPT_AFTER_END);
    let over = sessions::expires_at.le(long_ago);
    let ended = sessions::expires_at.is_null().and(sessions::ended_at.le(long_ago));
    Ok(diesel::delete(sessions::table.filter(over.or(ended))).execute(queries.conn)?)
}
