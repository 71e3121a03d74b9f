//! Measures rosterd: how near it is to a bare actix-web server, and what grows with the roster.
//!
//! A run makes (or finds) rosters, starts the release build of the server on them, and lets it compete with
//! [`bare`] servers in interleaved rounds, so that a busy moment of the machine falls on all of them. Only ratios
//! within one run mean anything; see docs/PERFORMANCE.md.
//!
//! One module a concern: [`roster`] makes databases, [`process`] and [`usage`] run servers and watch them, [`load`]
//! sends requests, [`arena`] interleaves, [`scenarios`] say what is measured and which bar it must reach, [`report`],
//! [`document`] and [`plot`] show it. To add a scenario: a file in `scenarios/`, a variant in [`cli::Scenario`].
//!
//! A tool for developers: the `rosterd` binary does not know it.

mod arena;
mod bare;
mod bench;
mod cli;
mod document;
mod figures;
mod load;
mod machine;
mod plot;
mod process;
mod report;
mod roster;
mod scenarios;
mod usage;

use std::process::ExitCode;

use clap::Parser;

/// What a measurement that could not be taken fails with: a sentence for whoever runs the tool.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match run(cli::Options::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rosterd-bench: {error}");
            ExitCode::from(2)
        }
    }
}

/// 0: measured (and every bar reached, where they were asked for); 1: a bar was missed.
fn run(options: cli::Options) -> Result<ExitCode> {
    let options = match options.command {
        Some(cli::Command::Bare(bare)) => return bare::serve(&bare).map(|()| ExitCode::SUCCESS),
        None => options,
    };
    let bench = bench::Bench::prepare(&options)?;
    let mut report = report::Report::new(machine::describe(), bench.load.name());
    for scenario in options.scenarios() {
        eprintln!("== {}", scenario.name());
        let section = scenarios::run(scenario, &bench)?;
        println!("\n{}", section.to_markdown());
        report.sections.push(section);
    }
    bench.save(&report)?;
    if options.docs {
        document::write(&bench.workspace.join("docs"), &report)?;
    }
    let missed: Vec<String> = report.missed().collect();
    for bar in &missed {
        println!("MISSED {bar}");
    }
    Ok(if options.check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
