//! What usage is counted from: tables `chat_message` and `chat` of the newer Open WebUI, row by row.
//!
//! JSON is read as text and times as whole numbers whatever the columns' types are: a table of theirs that is not as
//! expected counts wrongly, but never fails.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::usage::{MessageRow, UsagePeriod};

use super::Queries;
use super::dialect::{CODE_POINTS, NOT_INTERNAL, RowByRow};
use crate::fragments::Statement;
use crate::types::LossyText;
use crate::{StoreResult, Usages};

type Columns = (Text, Text, Nullable<Text>, BigInt, Nullable<Text>, Nullable<Text>, Nullable<Text>);
type Message =
    (LossyText, LossyText, Option<LossyText>, i64, Option<LossyText>, Option<LossyText>, Option<LossyText>);

impl Usages for Queries<'_> {
    fn for_each_answer(
        &mut self,
        user: &UserId,
        row: &mut dyn FnMut(Option<&str>, Option<&JsonText>),
    ) -> StoreResult<()> {
        if !self.layout.newer.chat_message {
            return Ok(());
        }
        let query = Statement::new(
            "SELECT model_id, CAST(usage AS text) FROM chat_message WHERE role = 'assistant' AND user_id = ",
        );
        let query = query.text(user.as_str()).rows::<(Nullable<Text>, Nullable<Text>)>();
        for found in query.load_iter::<(Option<LossyText>, Option<LossyText>), RowByRow>(self.conn)? {
            let (model, usage) = found?;
            row(model.as_ref().map(LossyText::as_str), json(usage).as_ref());
        }
        Ok(())
    }

    fn for_each_message(
        &mut self,
        user: &UserId,
        period: UsagePeriod,
        row: &mut dyn FnMut(&MessageRow<'_>),
    ) -> StoreResult<()> {
        if !self.layout.newer.chat_message {
            return Ok(());
        }
        let meta = if self.layout.newer.message_meta { "CAST(meta AS text)" } else { "NULL" };
        let query = Statement::new(
            "SELECT chat_id, role, model_id, CAST(created_at AS bigint), CAST(usage AS text), CAST(output AS text), ",
        )
        .sql(meta)
        .sql(" FROM chat_message WHERE user_id = ")
        .text(user.as_str())
        .sql(" AND created_at BETWEEN ")
        .number(period.start)
        .sql(" AND ")
        .number(period.end)
        .rows::<Columns>();
        for found in query.load_iter::<Message, RowByRow>(self.conn)? {
            let (chat, role, model, at, usage, output, meta) = found?;
            row(&MessageRow {
                chat: chat.as_str(),
                role: role.as_str(),
                model: model.as_ref().map(LossyText::as_str),
                at,
                usage: json(usage).as_ref(),
                output: json(output).as_ref(),
                meta: json(meta).as_ref(),
            });
        }
        Ok(())
    }

    fn count_chats(&mut self, user: &UserId) -> StoreResult<i64> {
        let query = Statement::new("SELECT count(*) FROM chat c WHERE c.user_id = ").text(user.as_str());
        let counts: Vec<i64> = self.without_internal(query).rows::<BigInt>().load(self.conn)?;
        Ok(counts.into_iter().next().unwrap_or_default())
    }

    fn for_each_chat_time(
        &mut self,
        user: &UserId,
        row: &mut dyn FnMut(&str, UnixSeconds),
    ) -> StoreResult<()> {
        if !self.layout.newer.chat_message {
            return Ok(());
        }
        let query = Statement::new(
            "SELECT m.chat_id, CAST(m.created_at AS bigint) FROM chat_message m JOIN chat c ON c.id = m.chat_id \
             WHERE m.created_at IS NOT NULL AND c.user_id = ",
        )
        .text(user.as_str());
        let query = self
            .without_internal(query)
            .sql(" ORDER BY m.chat_id")
            .sql(CODE_POINTS)
            .sql(", m.created_at")
            .rows::<(Text, BigInt)>();
        for found in query.load_iter::<(LossyText, i64), RowByRow>(self.conn)? {
            let (chat, at) = found?;
            row(chat.as_str(), at);
        }
        Ok(())
    }
}

impl Queries<'_> {
    /// Of a query over chats `c` those that Open WebUI did not make for itself.
    fn without_internal<'q>(&self, query: Statement<'q>) -> Statement<'q> {
        if self.layout.newer.chat_meta { query.sql(" AND ").sql(NOT_INTERNAL) } else { query }
    }
}

fn json(text: Option<LossyText>) -> Option<JsonText> {
    text.map(|text| JsonText::from_stored(text.into()))
}
