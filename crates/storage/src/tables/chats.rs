//! What can be asked about chats.

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::{ChatId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::usage::{MessageRow, UsagePeriod};

use crate::StoreResult;

/// Tables `chat` and, in the newer layout, `shared_chat`: only ids and owners.
pub trait Chats {
    /// Who owns this chat. A share copy (`user_id` = `shared-<chat id>`) leads to the owner of its chat.
    fn find_chat_owner(&mut self, chat: &ChatId) -> StoreResult<Option<UserId>>;
}

/// Changes to table `chat` and those that hang on it.
pub trait ChatWrites {
    /// Deletes the user's chats and what hangs on them: shares, messages of whoever wrote them, links to files. Runs of
    /// automations lose the chat and stay (rules P4 and N22).
    fn delete_chats(&mut self, user: &UserId) -> StoreResult<()>;
}

/// What a user's [usage](rosterd_domain::usage) is counted from. Rows are handed over one by one and never held; a table
/// that is missing has none.
pub trait Usages {
    /// Every answer the user ever got: its model, and what the provider counted.
    fn for_each_answer(
        &mut self,
        user: &UserId,
        row: &mut dyn FnMut(Option<&str>, Option<&JsonText>),
    ) -> StoreResult<()>;

    /// The user's messages of this period.
    fn for_each_message(
        &mut self,
        user: &UserId,
        period: UsagePeriod,
        row: &mut dyn FnMut(&MessageRow<'_>),
    ) -> StoreResult<()>;

    /// How many chats the user has, without those that Open WebUI made for itself.
    fn count_chats(&mut self, user: &UserId) -> StoreResult<i64>;

    /// The times of all messages of those chats, whoever wrote them, chat by chat.
    fn for_each_chat_time(
        &mut self,
        user: &UserId,
        row: &mut dyn FnMut(&str, UnixSeconds),
    ) -> StoreResult<()>;
}
