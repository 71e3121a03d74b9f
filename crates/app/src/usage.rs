//! What the caller used chats for (docs/API.md, "Usage").

use rosterd_domain::usage::{self, Usage, UsageCount, UsagePeriod, UsageRequest};

use crate::act::Act;
use crate::error::AppResult;

/// The actor's usage, counted row by row: for work that may be long.
///
/// # Errors
/// A period that ends before it begins as [`AppError::Rule`](crate::AppError::Rule); those of the store.
pub fn own(act: &mut Act<'_>, asked: UsageRequest) -> AppResult<Usage> {
    let id = act.me()?.id.clone();
    let period = UsagePeriod::new(asked, act.now())?;
    let zone = usage::zone(act.read().find_timezone(&id)?.as_deref());
    let mut count = UsageCount::new(period, zone);
    act.read().for_each_answer(&id, &mut |model, usage| count.answer(model, usage))?;
    act.read().for_each_message(&id, period, &mut |message| count.message(message))?;
    count.chats(act.read().count_chats(&id)?);
    act.read().for_each_chat_time(&id, &mut |chat, at| count.chat_time(chat, at))?;
    Ok(count.finish())
}
