//! `rosterd user keys`: what may be told of the API keys of an account.

use rosterd_app::{Caller, api_keys};
use rosterd_domain::api_key::ApiKeyInfo;
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::rules::api_keys::has_ended;

use super::moment;
use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError, find};
use crate::config::Config;

const HEADER: &[&str] = &["ID", "NAME", "KEY", "LIMITS", "ENDS", "LAST USED"];

pub(super) fn run(config: &Config, name: String, output: Output) -> Result<(), CliError> {
    let (keys, now) = crate::cli::with_app(config, Access::Read, async |app| {
        app.snapshot(Caller::operator(), move |act| {
            let user = find::user(act.read(), &name)?;
            Ok::<_, CliError>((api_keys::all_of(act, &user.id)?, act.now()))
        })
        .await
    })?;
    let mut rows = output.rows(HEADER);
    for key in &keys {
        let json = serde_json::to_value(key).map_err(CliError::Json)?;
        rows.row(&json, || cells(key, now))?;
    }
    if rows.count() == 0 {
        output.note("this account has no API keys");
    }
    rows.finish()
}

fn cells(key: &ApiKeyInfo, now: UnixSeconds) -> Vec<String> {
    let name = key.name.as_deref().map_or_else(|| "-".to_owned(), plain);
    let ends = match key.expires_at {
        None => "never".to_owned(),
        at if has_ended(at, now) => "ended".to_owned(),
        Some(at) => moment(at),
    };
    let used = key.last_used_at.map_or_else(|| "-".to_owned(), moment);
    vec![plain(key.id.as_str()), name, format!("{}…", plain(&key.prefix)), limits(key), ends, used]
}

fn limits(key: &ApiKeyInfo) -> String {
    let reads = key.read_only.then(|| "reads only".to_owned());
    let paths = key.allowed_paths.as_ref().map(|paths| plain(&paths.join(" ")));
    let limits: Vec<String> = reads.into_iter().chain(paths).collect();
    if limits.is_empty() { "-".to_owned() } else { limits.join(", ") }
}

/// What became of the API keys of an account, as the end of a sentence.
pub(super) fn sentence(deleted: usize, left: usize) -> String {
    let counted = |count: usize| format!("{count} API key{}", if count == 1 { "" } else { "s" });
    match (deleted, left) {
        (0, 0) => String::new(),
        (0, 1) => "; 1 API key still works".to_owned(),
        (0, left) => format!("; {} still work", counted(left)),
        (1, _) => "; 1 API key was deleted".to_owned(),
        (deleted, _) => format!("; {} were deleted", counted(deleted)),
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn what_still_works_is_told() {
        for (deleted, left, told) in [
            (0, 0, ""),
            (0, 1, "; 1 API key still works"),
            (0, 2, "; 2 API keys still work"),
            (1, 0, "; 1 API key was deleted"),
            (3, 0, "; 3 API keys were deleted"),
        ] {
            assert_eq!(sentence(deleted, left), told);
        }
    }
}
