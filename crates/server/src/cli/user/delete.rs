//! `rosterd user delete`: says what would go and asks, if a person sits at the terminal.

use std::fmt::Write as _;

use clap::Args;
use rosterd_app::{App, Caller, deleted, users};
use rosterd_domain::deleted_user::{DeletionForecast, Keepable, RowCounts};
use rosterd_domain::rules::way_back::{Keep, MOST_KEPT_BYTES};
use rosterd_domain::user::UserModel;

use super::{UserArg, summary};
use crate::cli::output::{Output, moment, plain};
use crate::cli::{Access, CliError, confirm, find};
use crate::config::Config;

#[derive(Debug, Args)]
pub(in crate::cli) struct DeleteArgs {
    #[command(flatten)]
    user: UserArg,
    /// Keep nothing: the account cannot be restored
    #[arg(long)]
    purge: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(super) fn run(config: &Config, args: DeleteArgs, output: Output) -> Result<(), CliError> {
    let keep = Keep::unless(args.purge);
    let (user, kept_until) = crate::cli::with_app(config, Access::Change, async |app| {
        let name = args.user.user;
        let user = app.snapshot(Caller::operator(), move |act| find::user(act.read(), &name)).await?;
        if confirm::is_to_be_asked(args.yes) {
            confirm::ask(&question(app, &user, keep).await?)?;
        }
        let id = user.id.clone();
        let kept = app
            .write(Caller::operator(), move |act| {
                users::delete(act, &id, keep)?;
                let kept = act.read().find_deleted_user(&id)?;
                Ok::<_, CliError>(
                    kept.map(|kept| kept.deleted_at.saturating_add(act.app().deleted_retention())),
                )
            })
            .await?;
        Ok((user, kept))
    })?;
    let mut json = summary(&user);
    json["kept_until"] = kept_until.into();
    output.print(&json, || {
        let deleted = format!("deleted {}, id {}", plain(&user.email), user.id);
        match kept_until {
            Some(until) => {
                format!("{deleted}; `rosterd user deleted restore` brings it back until {}", moment(until))
            }
            None => deleted,
        }
    })
}

async fn question(app: &App, user: &UserModel, keep: Keep) -> Result<String, CliError> {
    let id = user.id.clone();
    let forecast = app.scan(Caller::operator(), move |act| deleted::forecast(act, &id)).await?;
    let who = format!("{} ({}), id {}", plain(&user.email), plain(&user.name), user.id);
    Ok(asked(&who, &forecast, keep))
}

/// What would go, and the question.
fn asked(who: &str, forecast: &DeletionForecast, keep: Keep) -> String {
    let mut text = format!("{who}\n");
    for (what, rows) in [
        ("removed", &forecast.removed),
        ("cleared", &forecast.cleared),
        ("removed for good", &forecast.not_kept),
    ] {
        if !rows.is_empty() {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {what}: {}", listed(rows));
        }
    }
    let kept = match (keep, forecast.kept) {
        (Keep::Nothing, _) => "nothing is kept".to_owned(),
        (_, Keepable::Yes) => {
            let (days, seconds) = (forecast.retention / 86_400, forecast.retention);
            let span = if days < 2 { format!("{seconds} seconds") } else { format!("{days} days") };
            format!("kept for {span} ({} bytes), and can be restored", forecast.bytes)
        }
        (_, Keepable::TooLarge) => {
            format!(
                "{} bytes are more than the {MOST_KEPT_BYTES} that are kept: it needs --purge",
                forecast.bytes
            )
        }
        (_, Keepable::Off) => "nothing is kept: ROSTERD_DELETED_RETENTION is 0".to_owned(),
        (_, Keepable::NoTables) => {
            "nothing is kept: `rosterd adopt --apply` adds the tables for that".to_owned()
        }
    };
    let _ = write!(text, "  {kept}\nDelete this account?");
    text
}

/// Numbers of rows by table, in one line.
pub(super) fn listed(rows: &RowCounts) -> String {
    let each: Vec<String> = rows.iter().map(|(table, rows)| format!("{rows} {}", plain(table))).collect();
    each.join(", ")
}

#[cfg(test)]
mod tests {
    use rosterd_domain::ids::UserId;

    use super::*;

    #[test]
    fn the_question_says_what_goes_and_whether_it_can_come_back() {
        let rows =
            |rows: &[(&str, i64)]| rows.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect();
        let mut forecast = DeletionForecast {
            id: UserId::from_stored("u-1".to_owned()),
            removed: rows(&[("auth", 1), ("chat", 12), ("user", 1)]),
            cleared: RowCounts::new(),
            not_kept: rows(&[("api_key", 1)]),
            bytes: 1234,
            kept: Keepable::Yes,
            retention: 30 * 86_400,
        };
        let asked =
            |forecast: &DeletionForecast, keep| asked("bob@example.com (Bob), id u-1", forecast, keep);
        let text = asked(&forecast, Keep::AsConfigured);
        for part in
            ["removed: 1 auth, 12 chat, 1 user\n", "removed for good: 1 api_key\n", "kept for 30 days"]
        {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("cleared"), "{text}");
        assert!(asked(&forecast, Keep::Nothing).contains("nothing is kept\n"));
        forecast.kept = Keepable::TooLarge;
        assert!(asked(&forecast, Keep::AsConfigured).contains("--purge"));
        (forecast.kept, forecast.retention) = (Keepable::Yes, 3600);
        assert!(asked(&forecast, Keep::AsConfigured).contains("kept for 3600 seconds"));
    }
}
