//! `rosterd import`: accounts out of a file. Without `--apply` nothing is written.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use rosterd_app::Caller;
use rosterd_app::import::{self, ImportFile, ImportOrder, Spool, SpoolWriter};
use rosterd_domain::rules::import::ImportOptions;
use rosterd_domain::transfer::foreign::{FirebaseKey, Foreign};
use rosterd_domain::transfer::{FileKind, ImportOutcome, ImportProgress, ImportReport, ImportStage};

use super::output::{Output, plain};
use super::progress::Progress;
use super::{Access, CliError};
use crate::config::Config;

// Constants, as rustdoc would want code marks in them.
const FORMAT_HELP: &str = "Form of FILE: csv or ndjson [default: what the end of its name says]";
const FROM_HELP: &str = "Another system whose file FILE is: keycloak, auth0, firebase, supabase, better-auth, django, okta or \
    librechat [default: what FILE holds says it]";
const FIREBASE_KEY_HELP: &str =
    "File with the parameters of the project's password hashes, as the Firebase console shows them";
const SET_PASSWORDS_HELP: &str =
    "Give accounts that have a password that of FILE, too; their sessions end [default: they keep theirs]";

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "independent options, each a word on the command line")]
pub(super) struct ImportArgs {
    /// File with a row for each account; - for standard input
    file: PathBuf,
    /// Write what the preview shows
    #[arg(long)]
    apply: bool,
    #[arg(long, value_name = "FORM", help = FORMAT_HELP)]
    format: Option<FileKind>,
    #[arg(long, value_name = "SYSTEM", conflicts_with = "format", help = FROM_HELP)]
    from: Option<Foreign>,
    #[arg(long, value_name = "FILE", help = FIREBASE_KEY_HELP)]
    firebase_key: Option<PathBuf>,
    /// Leave out rows that are refused, and write the others
    #[arg(long)]
    skip_bad: bool,
    /// Write all rows in one transaction, at most 10,000
    #[arg(long)]
    atomic: bool,
    /// Let accounts become admins, and cease to be
    #[arg(long)]
    allow_admins: bool,
    /// Make groups that do not exist
    #[arg(long)]
    create_groups: bool,
    #[arg(long, help = SET_PASSWORDS_HELP)]
    set_passwords: bool,
}

pub(super) fn run(config: &Config, args: &ImportArgs, output: Output) -> Result<(), CliError> {
    let (firebase_key, spool) = (firebase_key(args)?, spool(&args.file)?);
    let file = ImportFile { kind: kind_of(args, &spool, output)?, spool, firebase_key };
    let options = ImportOptions {
        skip_bad: args.skip_bad,
        atomic: args.atomic,
        allow_admins: args.allow_admins,
        create_groups: args.create_groups,
        set_passwords: args.set_passwords,
    };
    let order = ImportOrder { options, apply: args.apply };
    let access = if args.apply { Access::Make } else { Access::Read };
    let progress = Progress::of(output, "importing");
    let show = progress.teller();
    let tell = Arc::new(move |progress: ImportProgress| show(told_of(progress)));
    let imported = super::with_app(config, access, async |app| {
        Ok(progress.during(import::import(app, Caller::operator(), file, order, tell)).await?)
    });
    let report = imported.inspect_err(|_error| {
        if args.apply {
            output.note("rows that were written stay; run the command again to go on");
        }
    })?;
    let json = serde_json::to_value(&report).map_err(CliError::Json)?;
    output.print(&json, || text_of(&report))?;
    match failure(&report, args.skip_bad) {
        Some(sentence) => Err(CliError::Failure(sentence)),
        None => Ok(()),
    }
}

/// The form of the file: what was named, else the system that is recognised, else what the end of the file's name says.
fn kind_of(args: &ImportArgs, spool: &Spool, output: Output) -> Result<FileKind, CliError> {
    if let Some(named) = args.from.map(FileKind::Foreign).or(args.format) {
        return Ok(named);
    }
    let found = spool.recognise().map_err(|error| unread(&args.file, &error))?;
    if let Some(system) = found {
        output
            .note(&format!("{} is read as a file of {system}; --format says otherwise", args.file.display()));
        return Ok(FileKind::Foreign(system));
    }
    let suffix = args.file.extension().and_then(|suffix| suffix.to_str());
    suffix.and_then(FileKind::of_suffix).ok_or_else(|| {
        CliError::Usage(format!(
            "neither what FILE holds nor its name says what form it has; add --format csv, --format ndjson, or --from and one of {}",
            Foreign::names()
        ))
    })
}

fn firebase_key(args: &ImportArgs) -> Result<Option<FirebaseKey>, CliError> {
    let Some(path) = &args.firebase_key else { return Ok(None) };
    let text = std::fs::read_to_string(path).map_err(|error| unread(path, &error))?;
    let key = FirebaseKey::parse(&text);
    key.map(Some).map_err(|why| CliError::Failure(format!("{}: {why}", path.display())))
}

fn unread(path: &Path, error: &io::Error) -> CliError {
    CliError::Failure(format!("{} cannot be read: {error}", path.display()))
}

/// The file, or what comes from standard input or a pipe, which can be read only once.
fn spool(path: &Path) -> Result<Spool, CliError> {
    let failure = |error: io::Error| unread(path, &error);
    let copied = |from: &mut dyn io::Read| -> io::Result<Spool> {
        let mut spool = SpoolWriter::default();
        io::copy(from, &mut spool)?;
        spool.flush()?;
        Ok(spool.finish())
    };
    if path == Path::new("-") {
        return copied(&mut io::stdin().lock()).map_err(failure);
    }
    let mut file = File::open(path).map_err(failure)?;
    let about = file.metadata().map_err(failure)?;
    if about.is_file() { Ok(Spool::File(file)) } else { copied(&mut file).map_err(failure) }
}

fn told_of(ImportProgress { stage, rows, of }: ImportProgress) -> String {
    match (stage, of) {
        (ImportStage::Checking, _) => format!("checked {rows} rows"),
        (ImportStage::Writing, Some(of)) => format!("wrote {rows} of {of} rows"),
        (ImportStage::Writing, None) => format!("wrote {rows} rows"),
    }
}

/// Why the command fails although it did what it could.
fn failure(report: &ImportReport, has_skipped: bool) -> Option<String> {
    let refused = report.refused;
    match report.outcome {
        ImportOutcome::Applied => None,
        ImportOutcome::Preview if refused == 0 => None,
        ImportOutcome::Preview => Some(format!("{refused} of {} rows are refused", report.rows)),
        ImportOutcome::Refused if has_skipped || report.rows <= refused => Some("nothing was written".to_owned()),
        ImportOutcome::Refused => Some(format!(
            "nothing was written, because {refused} of {} rows are refused; --skip-bad leaves these out",
            report.rows
        )),
        ImportOutcome::Stopped => Some(
            "the database changed while the file was written; what was written stays, run the command again to go on"
                .to_owned(),
        ),
    }
}

fn text_of(report: &ImportReport) -> String {
    let ImportReport { new, changed, unchanged, refused, .. } = report;
    let mut lines: Vec<String> =
        report.refusals.iter().map(|row| format!("line {}: {}", row.line, plain(&row.reason))).collect();
    let more = refused.saturating_sub(report.refusals.len() as u64);
    if more > 0 {
        lines.push(format!("and {more} more rows that are refused"));
    }
    let names = |names: &[String]| names.iter().map(|name| plain(name)).collect::<Vec<_>>().join(", ");
    if !report.new_groups.is_empty() {
        lines.push(format!("new groups: {}", names(&report.new_groups)));
    }
    if !report.ignored_columns.is_empty() {
        lines.push(format!("columns that are not read: {}", names(&report.ignored_columns)));
    }
    lines.push(format!("{new} new, {changed} changed, {unchanged} unchanged, {refused} refused"));
    if report.outcome == ImportOutcome::Preview {
        lines.push("nothing was written; --apply writes it".to_owned());
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rosterd_domain::transfer::Refusal;

    #[test]
    fn a_preview_tells_what_would_become_of_the_rows() {
        let mut report = ImportReport { rows: 3, new: 1, changed: 1, ..ImportReport::default() };
        report.refuse(&Refusal::new(4, "it has no e-mail address"));
        report.note_new_group("Sales");
        report.note_ignored(&["Passwort".to_owned()]);
        assert_eq!(
            text_of(&report),
            "line 4: it has no e-mail address\nnew groups: Sales\ncolumns that are not read: Passwort\n\
             1 new, 1 changed, 0 unchanged, 1 refused\nnothing was written; --apply writes it"
        );
        assert_eq!(failure(&report, false).as_deref(), Some("1 of 3 rows are refused"));
        assert_eq!(failure(&ImportReport { outcome: ImportOutcome::Applied, ..report.clone() }, false), None);
        let refused = ImportReport { outcome: ImportOutcome::Refused, ..report };
        assert!(failure(&refused, false).is_some_and(|why| why.contains("--skip-bad")));
        // It was given, and did not help.
        assert_eq!(failure(&refused, true).as_deref(), Some("nothing was written"));
    }

    #[test]
    fn progress_says_how_far_it_is() {
        let told = |stage, of| told_of(ImportProgress { stage, rows: 2_000, of });
        assert_eq!(told(ImportStage::Checking, None), "checked 2000 rows");
        assert_eq!(told(ImportStage::Writing, Some(100_000)), "wrote 2000 of 100000 rows");
    }
}
