//! Tables `chat` and `shared_chat`: only ids and owners.

use diesel::prelude::*;
use rosterd_domain::ids::{ChatId, UserId};

use super::Queries;
use super::dialect::one_of;
use crate::fragments::Statement;
use crate::schema::{chats, shared_chats};
use crate::types::LossyText;
use crate::{ChatWrites, Chats, StoreResult};

/// What stands before a chat's id in the `user_id` of a share copy of it.
const SHARED: &str = "shared-";

impl Chats for Queries<'_> {
    fn find_chat_owner(&mut self, chat: &ChatId) -> StoreResult<Option<UserId>> {
        let Some(owner) = self.find_chat_user_id(chat.as_str())? else {
            return self.find_share_owner(chat.as_str());
        };
        match owner.strip_prefix(SHARED) {
            // One step and no more: a copy of a copy is not made by anybody.
            Some(original) => Ok(self.find_chat_user_id(original)?.map(UserId::from_stored)),
            None => Ok(Some(UserId::from_stored(owner))),
        }
    }
}

impl ChatWrites for Queries<'_> {
    fn delete_chats(&mut self, user: &UserId) -> StoreResult<()> {
        let of_user = chats::table.filter(chats::user_id.eq(user.as_str()));
        let ids: Vec<LossyText> = of_user.select(chats::id).load(self.conn)?;
        let copies: Vec<String> = ids.iter().map(|id| format!("{SHARED}{}", id.as_str())).collect();
        let of_copies = one_of!("\"chat\".\"user_id\"", copies.iter().map(String::as_str));
        diesel::delete(chats::table.filter(of_copies)).execute(self.conn)?;
        if self.layout.shared_chat {
            let of_chats = one_of!("\"shared_chat\".\"chat_id\"", ids.iter().map(LossyText::as_str));
            let shares =
                shared_chats::table.filter(of_chats).or_filter(shared_chats::user_id.eq(user.as_str()));
            diesel::delete(shares).execute(self.conn)?;
        }
        let newer = self.layout.newer;
        let of_user_chats = [
            (newer.automation_run, "UPDATE automation_run SET chat_id = NULL WHERE chat_id"),
            (newer.chat_file, "DELETE FROM chat_file WHERE chat_id"),
            (newer.chat_message, "DELETE FROM chat_message WHERE chat_id"),
        ];
        for (_, change) in of_user_chats.into_iter().filter(|(there, _)| *there) {
            Statement::new(change)
                .sql(" IN (SELECT id FROM chat WHERE user_id = ")
                .text(user.as_str())
                .sql(")")
                .execute(self.conn)?;
        }
        diesel::delete(of_user).execute(self.conn)?;
        Ok(())
    }
}

impl Queries<'_> {
    fn find_chat_user_id(&mut self, chat: &str) -> StoreResult<Option<String>> {
        let query = chats::table.find(chat).select(chats::user_id);
        let owner: Option<LossyText> = query.get_result(self.conn).optional()?;
        Ok(owner.map(String::from))
    }

    /// Who shared a chat under this id, in the layout that keeps shares apart.
    fn find_share_owner(&mut self, share: &str) -> StoreResult<Option<UserId>> {
        if !self.layout.shared_chat {
            return Ok(None);
        }
        let query = shared_chats::table.find(share).select(shared_chats::user_id);
        let owner: Option<LossyText> = query.get_result(self.conn).optional()?;
        Ok(owner.map(|owner| UserId::from_stored(owner.into())))
    }
}
