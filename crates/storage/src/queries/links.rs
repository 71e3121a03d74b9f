//! Table `rosterd_link`.

use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{LinkId, UserId};
use rosterd_domain::link::{LinkKind, LinkRow};

use super::Queries;
use crate::schema::links;
use crate::types::{LossyText, StoredTime};
use crate::{LinkWrites, Links, StoreResult};

/// A row as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = links)]
struct LinkColumns {
    id: LossyText,
    kind: LossyText,
    user_id: LossyText,
    email: LossyText,
    token_hash: LossyText,
    maker: Option<LossyText>,
    created_at: StoredTime,
    expires_at: StoredTime,
}

impl LinkColumns {
    /// The link; `None` for one of a kind that is not known.
    fn into_row(self) -> Option<LinkRow> {
        Some(LinkRow {
            id: LinkId::from_stored(self.id.into()),
            kind: LinkKind::parse(self.kind.as_str())?,
            user: UserId::from_stored(self.user_id.into()),
            email: self.email.into(),
            token_hash: self.token_hash.into(),
            maker: self.maker.map(|id| UserId::from_stored(id.into())),
            created_at: self.created_at.into(),
            expires_at: self.expires_at.into(),
        })
    }
}

impl Links for Queries<'_> {
    fn find_link(&mut self, id: &LinkId) -> StoreResult<Option<LinkRow>> {
        if !self.layout.links {
            return Ok(None);
        }
        let query = links::table.find(id.as_str()).select(LinkColumns::as_select());
        Ok(query.get_result(self.conn).optional()?.and_then(LinkColumns::into_row))
    }

    fn find_link_by_hash(&mut self, token_hash: &str) -> StoreResult<Option<LinkRow>> {
        if !self.layout.links {
            return Ok(None);
        }
        let query = links::table.filter(links::token_hash.eq(token_hash)).select(LinkColumns::as_select());
        Ok(query.get_result(self.conn).optional()?.and_then(LinkColumns::into_row))
    }
}

impl LinkWrites for Queries<'_> {
    fn put_link(&mut self, link: &LinkRow) -> StoreResult<()> {
        if !self.layout.links {
            return Ok(());
        }
        let whose = (links::user_id.eq(link.user.as_str()), links::kind.eq(link.kind.as_str()));
        let columns = (
            links::id.eq(link.id.as_str()),
            links::email.eq(&link.email),
            links::token_hash.eq(&link.token_hash),
            links::maker.eq(link.maker.as_ref().map(UserId::as_str)),
            links::created_at.eq(link.created_at),
            links::expires_at.eq(link.expires_at),
        );
        diesel::insert_into(links::table)
            .values((whose, columns))
            .on_conflict((links::user_id, links::kind))
            .do_update()
            .set(columns)
            .execute(self.conn)?;
        Ok(())
    }

    fn delete_link(&mut self, id: &LinkId) -> StoreResult<bool> {
        if !self.layout.links {
            return Ok(false);
        }
        Ok(diesel::delete(links::table.find(id.as_str())).execute(self.conn)? > 0)
    }

    fn delete_links(&mut self, user: &UserId) -> StoreResult<usize> {
        if !self.layout.links {
            return Ok(0);
        }
        Ok(diesel::delete(links::table.filter(links::user_id.eq(user.as_str()))).execute(self.conn)?)
    }

    fn delete_password_links(&mut self, user: &UserId) -> StoreResult<usize> {
        if !self.layout.links {
            return Ok(0);
        }
        let whose = links::user_id.eq(user.as_str());
        let others = links::kind.ne(LinkKind::Confirm.as_str());
        Ok(diesel::delete(links::table.filter(whose.and(others))).execute(self.conn)?)
    }
}

/// Removes the links that have ended; gives how many.
pub(super) fn forget_ended(queries: &mut Queries<'_>, now: UnixSeconds) -> StoreResult<usize> {
    if !queries.layout.links {
        return Ok(0);
    }
    Ok(diesel::delete(links::table.filter(links::expires_at.le(now))).execute(queries.conn)?)
}
