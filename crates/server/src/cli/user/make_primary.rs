//! `rosterd user make-primary`: another admin becomes the primary admin (rule P9).

use rosterd_app::{Caller, hand_over};

use super::summary;
use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError, find};
use crate::config::Config;

pub(super) fn run(config: &Config, name: String, output: Output) -> Result<(), CliError> {
    let done = crate::cli::with_app(config, Access::Change, async |app| {
        app.write(Caller::operator(), move |act| {
            let id = find::user(act.read(), &name)?.id;
            Ok::<_, CliError>(hand_over::hand_over_as_operator(act, &id)?)
        })
        .await
    })?;
    let mut json = summary(&done.user);
    json["former"] = serde_json::json!({ "id": done.former.id, "email": done.former.email });
    output.print(&json, || {
        format!(
            "{} is the primary admin now, in place of {}",
            plain(&done.user.email),
            plain(&done.former.email)
        )
    })
}
