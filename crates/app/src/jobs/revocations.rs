//! Forgetting which tokens were signed out, once they have ended anyway. Each sign-out does so too; this is for the days on
//! which nobody signs out.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

pub(super) const JOB: Job =
    Job::once("revocations", |_settings| Duration::from_hours(1), |app| Box::pin(forget(app)));

async fn forget(app: App) -> Ran {
    let now = app.now();
    let forgotten = app
        .write(Caller::job(JOB.name), move |act| {
            Ok::<_, AppError>(act.housekeeping().forget_ended_revocations(now)?)
        })
        .await;
    Ran::told(forgotten, "ended revocations", "forgotten")
}

#[cfg(test)]
mod tests {
    use rosterd_storage::{Db, StoreResult};

    use super::*;
    use crate::jobs::tests::app;

    #[tokio::test]
    async fn what_ended_long_ago_is_forgotten_and_nothing_else() {
        let app = app();
        let now = app.now();
        let revoked = move |db: &mut dyn Db| -> StoreResult<()> {
            // Written long ago, so that the next one does not forget the one before it.
            for (jti, ends) in [("over", 1_000), ("valid", now + 1_000), ("over too", 2_000)] {
                db.revoke_token(jti, Some(ends), 0)?;
            }
            Ok(())
        };
        app.store().write(revoked).await.unwrap();
        forget(app.clone()).await;
        let left = |at: i64| app.store().write(move |db: &mut dyn Db| db.forget_ended_revocations(at));
        assert_eq!(left(now).await.unwrap(), 0, "these are gone");
        assert_eq!(left(now + 100_000).await.unwrap(), 1, "and the other one is there");
    }
}
