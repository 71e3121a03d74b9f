//! `rosterd audit verify`.

use clap::Args;
use rosterd_app::Caller;
use rosterd_app::audit::{self, Verified};
use rosterd_domain::audit::{Fault, Finding, Head, Report};
use serde_json::json;

use crate::cli::output::{Output, plain};
use crate::cli::{Access, CliError};
use crate::config::Config;

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArgs {
    /// A line that `rosterd audit head` printed: the log must have the seals that it names
    #[arg(long, value_name = "HEAD")]
    head: Option<Head>,
}

pub(super) fn run(config: &Config, args: VerifyArgs, output: Output) -> Result<(), CliError> {
    let verified = crate::cli::with_app(config, Access::Read, async |app| {
        Ok(audit::verify(app, Caller::operator(), args.head).await?)
    })?;
    let Verified { report, unsealed, oldest_unsealed } = &verified;
    let findings: Vec<String> = report.findings.iter().map(sentence).collect();
    let json = json!({
        "whole": report.is_whole(),
        "sealed": report.sealed,
        "unsealed": unsealed,
        "oldest_unsealed_at": oldest_unsealed,
        "erased": report.erased,
        "head": report.head.to_string(),
        "head_is_too_old": report.head_is_too_old,
        "found": report.found,
        "findings": findings,
    });
    output.print(&json, || text(&verified, &findings))?;
    if report.is_whole() {
        Ok(())
    } else {
        Err(CliError::Failure("the audit log is not as it was sealed".to_owned()))
    }
}

fn text(verified: &Verified, findings: &[String]) -> String {
    let Verified { report, unsealed, .. } = verified;
    let mut lines = vec![format!(
        "{} sealed events up to position {}, {unsealed} not sealed yet, {} erased",
        report.sealed, report.head.position, report.erased
    )];
    lines.extend(findings.iter().cloned());
    if report.found > findings.len() as u64 {
        lines.push(format!(
            "{} findings in all; the first {} are shown",
            report.found,
            Report::MOST_FINDINGS
        ));
    }
    if report.head_is_too_old {
        lines.push(
            "the given head is older than events that were removed since, so that it is compared in part only"
                .to_owned(),
        );
    }
    lines.join("\n")
}

/// What is wrong, and where.
fn sentence(finding: &Finding) -> String {
    let Finding { position, id, fault } = finding;
    let row = id
        .as_ref()
        .map_or_else(|| format!("position {position}"), |id| format!("position {position} ({})", plain(id)));
    match fault {
        Fault::Altered => format!("{row}: the event was altered"),
        Fault::Inserted => format!("{row}: the event was put in"),
        Fault::Removed(to) if to == position => format!("{row}: the event is missing"),
        Fault::Removed(to) => format!("positions {position} to {to}: the events are missing"),
        Fault::Broken => format!("{row}: the event was altered, or events before it are missing"),
        Fault::CutOff => {
            format!("{row}: the last event of a chain is not the one that was sealed last")
        }
        Fault::BackAgain => format!("{row}: the event was removed after its time, and is there again"),
        Fault::WrongBeginning => {
            format!("{row}: what is kept of the events that were removed after their time cannot be right")
        }
        Fault::AnotherHead => format!("{row}: the log has another seal here than the given head"),
        Fault::BehindHead => format!("{row}: the log ends before the position of the given head"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_the_place_and_what_is_wrong() {
        let finding = |fault| Finding { position: 4, id: Some("e".to_owned()), fault };
        assert_eq!(sentence(&finding(Fault::Altered)), "position 4 (e): the event was altered");
        let removed = Finding { position: 4, id: None, fault: Fault::Removed(6) };
        assert_eq!(sentence(&removed), "positions 4 to 6: the events are missing");
    }
}
