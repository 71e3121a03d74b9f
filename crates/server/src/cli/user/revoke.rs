//! `rosterd user revoke`: shuts somebody out at once.

use rosterd_app::open_sessions::{self, Ended};
use rosterd_app::{Caller, api_keys};

use super::{RevokeArgs, keys, summary};
use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError, find};
use crate::config::Config;

pub(super) fn run(config: &Config, args: RevokeArgs, output: Output) -> Result<(), CliError> {
    let (name, with_keys) = (args.user.user, args.keys);
    let (user, ended, deleted, left) = crate::cli::with_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let user = find::user(act.read(), &name)?;
            let ended = open_sessions::end_all_of(act, &user.id)?;
            let deleted = if with_keys { api_keys::delete_all_of(act, &user.id)? } else { 0 };
            let left = api_keys::count_good(act, &user.id)?;
            Ok::<_, CliError>((user, ended, deleted, left))
        })
        .await
    })?;
    let mut json = summary(&user);
    json["sessions_ended"] = ended.kept.into();
    json["all_sessions_ended"] = ended.all.into();
    json["api_keys_deleted"] = deleted.into();
    json["api_keys_left"] = left.into();
    output
        .print(&json, || format!("{}{}", sentence(&plain(&user.email), ended), keys::sentence(deleted, left)))
}

/// What ended, and which sessions did not.
fn sentence(email: &str, Ended { kept, all }: Ended) -> String {
    if all {
        return format!("all sessions of {email} are over ({kept} listed)");
    }
    let sessions = if kept == 1 { "session" } else { "sessions" };
    format!(
        "ended {kept} {sessions} of {email}; sessions that Open WebUI opened stay open until their tokens end"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_ended_and_what_did_not() {
        let all = sentence("a@b.c", Ended { kept: 1, all: true });
        assert_eq!(all, "all sessions of a@b.c are over (1 listed)");
        let ours = sentence("a@b.c", Ended { kept: 3, all: false });
        assert!(
            ours.starts_with("ended 3 sessions of a@b.c; sessions that Open WebUI opened stay open"),
            "{ours}"
        );
    }
}
