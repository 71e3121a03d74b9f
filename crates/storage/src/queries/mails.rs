//! Table `rosterd_mail`.

use diesel::dsl::{count_star, max, min};
use diesel::prelude::*;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{MailId, UserId};
use rosterd_domain::link::LinkRow;
use rosterd_domain::mail::{
    Language, MailData, MailKind, MailQuery, MailRow, MailState, MailTried, NewMail, WaitingMails,
};

use super::Queries;
use super::dialect::Backend;
use crate::schema::mails;
use crate::types::{LossyText, StoredTime, text, time};
use crate::{MailUpkeep, MailWrites, Mails, StoreResult};

/// A mail as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = mails)]
struct MailColumns {
    id: LossyText,
    kind: LossyText,
    user_id: Option<LossyText>,
    recipient: LossyText,
    language: LossyText,
    link_id: Option<LossyText>,
    data: LossyText,
    state: LossyText,
    attempts: StoredTime,
    next_attempt_at: Option<StoredTime>,
    last_error: Option<LossyText>,
    created_at: StoredTime,
    sent_at: Option<StoredTime>,
}

impl From<MailColumns> for MailRow {
    fn from(row: MailColumns) -> Self {
        Self {
            id: MailId::from_stored(row.id.into()),
            kind: MailKind::from_stored(row.kind.as_str()),
            kind_name: row.kind.into(),
            user: text(row.user_id).map(UserId::from_stored),
            recipient: row.recipient.into(),
            language: Language::from_stored(row.language.as_str()),
            link: text(row.link_id),
            data: MailData::from_stored(row.data.as_str()),
            state: MailState::from_stored(row.state.as_str()),
            attempts: row.attempts.into(),
            next_attempt_at: time(row.next_attempt_at),
            last_error: text(row.last_error),
            created_at: row.created_at.into(),
            sent_at: time(row.sent_at),
        }
    }
}

impl Mails for Queries<'_> {
    fn list_mails(&mut self, query: &MailQuery) -> StoreResult<Vec<MailRow>> {
        if !self.layout.mails {
            return Ok(Vec::new());
        }
        let mut listed = mails::table.select(MailColumns::as_select()).into_boxed::<Backend>();
        if let Some(state) = query.state {
            listed = listed.filter(mails::state.eq(state.as_str()));
        }
        if let Some(before) = &query.before {
            listed = listed.filter(mails::id.lt(before.as_str()));
        }
        let rows: Vec<MailColumns> = listed.order(mails::id.desc()).limit(query.limit).load(self.conn)?;
        Ok(rows.into_iter().map(MailRow::from).collect())
    }

    fn find_mail(&mut self, id: &MailId) -> StoreResult<Option<MailRow>> {
        if !self.layout.mails {
            return Ok(None);
        }
        let row: Option<MailColumns> = mails::table
            .find(id.as_str())
            .select(MailColumns::as_select())
            .get_result(self.conn)
            .optional()?;
        Ok(row.map(MailRow::from))
    }

    fn find_last_mail(&mut self, user: &UserId, kind: MailKind) -> StoreResult<Option<UnixSeconds>> {
        if !self.layout.mails {
            return Ok(None);
        }
        let last: Option<StoredTime> = mails::table
            .filter(mails::user_id.eq(user.as_str()))
            .filter(mails::kind.eq(kind.as_str()))
            .filter(mails::state.ne(MailState::Cancelled.as_str()))
            .select(max(mails::created_at))
            .get_result(self.conn)?;
        Ok(time(last))
    }

    fn count_waiting_mails(&mut self) -> StoreResult<WaitingMails> {
        if !self.layout.mails {
            return Ok(WaitingMails::default());
        }
        let (count, oldest): (i64, Option<StoredTime>) = mails::table
            .filter(mails::next_attempt_at.is_not_null())
            .select((count_star(), min(mails::created_at)))
            .get_result(self.conn)?;
        Ok(WaitingMails { count, oldest: time(oldest) })
    }
}

impl MailWrites for Queries<'_> {
    fn repeat_mail(&mut self, id: &MailId, now: UnixSeconds) -> StoreResult<bool> {
        if !self.layout.mails {
            return Ok(false);
        }
        let row = mails::table.find(id.as_str()).filter(mails::state.ne(MailState::Sent.as_str()));
        let anew = (
            mails::state.eq(MailState::Waiting.as_str()),
            mails::attempts.eq(0),
            mails::next_attempt_at.eq(now),
        );
        Ok(diesel::update(row).set(anew).execute(self.conn)? > 0)
    }

    fn delete_mails(&mut self, user: &UserId) -> StoreResult<()> {
        if self.layout.mails {
            diesel::delete(mails::table.filter(mails::user_id.eq(user.as_str()))).execute(self.conn)?;
        }
        Ok(())
    }
}

impl MailUpkeep for Queries<'_> {
    fn note_mail(&mut self, mail: &NewMail, now: UnixSeconds) -> StoreResult<()> {
        let row = (
            mails::id.eq(mail.id.as_str()),
            mails::kind.eq(mail.kind.as_str()),
            mails::user_id.eq(mail.user.as_ref().map(UserId::as_str)),
            mails::recipient.eq(&mail.recipient),
            mails::language.eq(mail.language.as_str()),
            mails::link_id.eq(&mail.link),
            mails::data.eq(mail.data.to_text()),
            mails::state.eq(MailState::Waiting.as_str()),
            mails::attempts.eq(0),
            mails::next_attempt_at.eq(now),
            mails::created_at.eq(now),
        );
        diesel::insert_into(mails::table).values(row).execute(self.conn)?;
        Ok(())
    }

    fn list_due_mails(&mut self, now: UnixSeconds, limit: i64) -> StoreResult<Vec<MailRow>> {
        if !self.layout.mails {
            return Ok(Vec::new());
        }
        let rows: Vec<MailColumns> = mails::table
            .filter(mails::next_attempt_at.is_not_null())
            .filter(mails::next_attempt_at.le(now))
            .order((mails::next_attempt_at.asc(), mails::id.asc()))
            .limit(limit)
            .select(MailColumns::as_select())
            .load(self.conn)?;
        Ok(rows.into_iter().map(MailRow::from).collect())
    }

    fn put_off_mail(&mut self, id: &MailId, (now, over): (UnixSeconds, UnixSeconds)) -> StoreResult<bool> {
        let due = mails::table.find(id.as_str()).filter(mails::next_attempt_at.le(now));
        Ok(diesel::update(due).set(mails::next_attempt_at.eq(over)).execute(self.conn)? > 0)
    }

    fn give_mail_link(&mut self, id: &MailId, link: &LinkRow) -> StoreResult<()> {
        let whose = (
            mails::link_id.eq(link.id.as_str()),
            mails::user_id.eq(link.user.as_str()),
            mails::recipient.eq(&link.email),
        );
        diesel::update(mails::table.find(id.as_str())).set(whose).execute(self.conn)?;
        Ok(())
    }

    fn keep_mail_attempt(&mut self, id: &MailId, tried: &MailTried) -> StoreResult<bool> {
        let as_it_was = mails::table
            .find(id.as_str())
            .filter(mails::attempts.eq(tried.attempts_before))
            .filter(mails::next_attempt_at.is_not_null());
        let now = (
            mails::state.eq(tried.state.as_str()),
            mails::attempts.eq(tried.attempts_before.saturating_add(1)),
            mails::next_attempt_at.eq(tried.next_attempt_at),
            mails::last_error.eq(&tried.error),
            mails::sent_at.eq((tried.state == MailState::Sent).then_some(tried.at)),
        );
        Ok(diesel::update(as_it_was).set(now).execute(self.conn)? > 0)
    }

    fn forget_mails(&mut self, before: UnixSeconds) -> StoreResult<usize> {
        if !self.layout.mails {
            return Ok(0);
        }
        let ended =
            mails::table.filter(mails::next_attempt_at.is_null()).filter(mails::created_at.lt(before));
        Ok(diesel::delete(ended).execute(self.conn)?)
    }
}
