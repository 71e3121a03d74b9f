//! `rosterd dump`: what is stored, as a file for `rosterd apply`.

use clap::Args;
use rosterd_app::{Caller, roster};

use super::output::{Form, Output, print};
use super::roster_file::Format;
use super::{Access, CliError};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct DumpArgs {
    /// Format of the file
    #[arg(long, value_enum, default_value = "toml")]
    format: Format,
}

pub(super) fn run(config: &Config, args: &DumpArgs, output: Output) -> Result<(), CliError> {
    let format = if output.form == Form::Json { Format::Json } else { args.format };
    super::with_app(config, Access::Read, async |app| {
        let document = app.scan(Caller::operator(), roster::dump).await?;
        print(format.write(&document)?.trim_end())
    })
}
