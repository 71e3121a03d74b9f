//! Removing counts of attempts to sign in that are over, so that the table stays as small as what happens now.

use std::time::Duration;

use super::{Job, Ran};
use crate::app::App;
use crate::caller::Caller;
use crate::error::AppError;

pub(super) const JOB: Job =
    Job::once("attempts", |_settings| Duration::from_mins(5), |app| Box::pin(forget(app)));

async fn forget(app: App) -> Ran {
    let window = app.limiter().window_seconds();
    let forgotten = app
        .write(Caller::job(JOB.name), move |act| {
            Ok::<_, AppError>(act.housekeeping().forget_attempts(window)?)
        })
        .await;
    Ran::told(forgotten, "attempts to sign in that are over", "forgotten")
}

#[cfg(test)]
mod tests {
    use rosterd_domain::rules::attempts::Attempts;
    use rosterd_storage::Db;

    use super::*;
    use crate::jobs::tests::app;

    #[tokio::test]
    async fn m28_what_was_tried_long_ago_is_forgotten_and_nothing_else() {
        let app = app();
        let placed = app.store().write(move |db: &mut dyn Db| {
            let now = db.lock_attempts(&[1, 2])?.now;
            db.keep_attempts(&[(1, Attempts { began_at: now - 360, count: 15, before: 0 })])
        });
        placed.await.unwrap();
        forget(app.clone()).await;
        let left = app.store().write(|db: &mut dyn Db| db.lock_attempts(&[1, 2])).await.unwrap().counted;
        assert_eq!(left.iter().map(|(_, attempts)| attempts.count).collect::<Vec<_>>(), [0, 0]);
        let now = app.store().write(|db: &mut dyn Db| db.lock_attempts(&[3])).await.unwrap().now;
        assert!(left.iter().all(|(_, attempts)| (now - 60..=now).contains(&attempts.began_at)));
    }
}
