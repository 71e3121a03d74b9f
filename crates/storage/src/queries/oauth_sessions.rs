//! Table `oauth_session`.

use diesel::prelude::*;
use rosterd_domain::ids::UserId;
use rosterd_domain::oauth_session::OauthSession;

use super::Queries;
use super::dialect::by_code_point;
use crate::rows::OauthSessionRow;
use crate::schema::oauth_sessions;
use crate::{OauthSessionWrites, OauthSessions, StoreResult};

impl OauthSessions for Queries<'_> {
    fn list_oauth_sessions(&mut self, user: &UserId) -> StoreResult<Vec<OauthSession>> {
        let rows: Vec<OauthSessionRow> = oauth_sessions::table
            .filter(oauth_sessions::user_id.eq(user.as_str()))
            .order((oauth_sessions::created_at.desc(), by_code_point(oauth_sessions::id).desc()))
            .select(OauthSessionRow::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(OauthSession::from).collect())
    }
}

impl OauthSessionWrites for Queries<'_> {
    fn delete_oauth_sessions(&mut self, user: &UserId) -> StoreResult<()> {
        let sessions = oauth_sessions::table.filter(oauth_sessions::user_id.eq(user.as_str()));
        diesel::delete(sessions).execute(self.conn)?;
        Ok(())
    }

    fn delete_oauth_sessions_with(&mut self, user: &UserId, provider: &str) -> StoreResult<bool> {
        let sessions = oauth_sessions::table
            .filter(oauth_sessions::user_id.eq(user.as_str()))
            .filter(oauth_sessions::provider.eq(provider));
        Ok(diesel::delete(sessions).execute(self.conn)? > 0)
    }
}
