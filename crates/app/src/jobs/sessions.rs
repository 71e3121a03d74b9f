//! Removing the rows of sessions whose tokens ended long ago. Their tokens are refused with and without a row.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

pub(super) const JOB: Job =
    Job::once("sessions", |_settings| Duration::from_hours(1), |app| Box::pin(forget(app)));

async fn forget(app: App) -> Ran {
    let now = app.now();
    let forgotten = app
        .write(Caller::job(JOB.name), move |act| {
            Ok::<_, AppError>(act.housekeeping().forget_ended_sessions(now)?)
        })
        .await;
    Ran::told(forgotten, "rows of ended sessions", "removed")
}

#[cfg(test)]
mod tests {
    use rosterd_domain::ids::{SessionId, UserId};
    use rosterd_domain::session::SessionRow;
    use rosterd_storage::{Db, StoreResult};

    use super::*;
    use crate::jobs::tests::app;

    const DAY: i64 = 86_400;

    #[tokio::test]
    async fn a4_what_ended_more_than_a_day_ago_is_removed_and_nothing_else() {
        let app = app();
        let now = app.now();
        let user = || UserId::from_stored("u-1".to_owned());
        let session = move |id: &str, expires_at| SessionRow {
            id: SessionId::from_stored(id.to_owned()),
            user_id: user(),
            method: "password".to_owned(),
            created_at: 1,
            last_seen_at: 1,
            expires_at,
            client_ip: None,
            user_agent: None,
        };
        let begin = move |db: &mut dyn Db| -> StoreResult<()> {
            for (id, ends) in [("over", Some(now - DAY)), ("just over", Some(now - DAY + 1)), ("ended", None)]
            {
                db.insert_session(&session(id, ends))?;
            }
            db.end_sessions(&user(), None, now - DAY)?;
            db.insert_session(&session("valid", Some(now + 1)))?;
            db.insert_session(&session("without end", None))
        };
        app.store().write(begin).await.unwrap();
        forget(app.clone()).await;
        let left = |at: i64| app.store().write(move |db: &mut dyn Db| db.forget_ended_sessions(at));
        assert_eq!(left(now).await.unwrap(), 0, "these are gone");
        assert_eq!(left(now + 1).await.unwrap(), 1, "the token of one ended a day ago now");
        let open = app.store().read(move |db: &mut dyn Db| db.list_sessions(&user(), now)).await.unwrap();
        let mut ids: Vec<String> = open.into_iter().map(|row| row.id.into_string()).collect();
        ids.sort();
        assert_eq!(ids, ["valid", "without end"]);
    }
}
