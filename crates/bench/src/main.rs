//! Measures rosterd: how fast it is compared with a bare actix-web server, and what becomes slower with more users.
//!
//! A run creates (or finds) databases, starts the release build of the server on them, and compares it with
//! [`bare`] servers in interleaved rounds. So a busy moment of the machine affects all of them. Only ratios within
//! one run mean anything; see docs/PERFORMANCE.md.
//!
//! There is one module for each task: [`roster`] creates databases, [`process`] and [`usage`] run and observe
//! servers, [`load`] sends requests, [`arena`] interleaves the rounds, [`scenarios`] say what is measured and which
//! bar must be reached, [`report`], [`document`] and [`plot`] write the results. To add a scenario: a file in
//! `scenarios/` and a variant in [`cli::Scenario`].
//!
//! This is a tool for developers. The `rosterd` program does not use it.

mod arena;
mod bare;
mod bench;
mod cli;
mod document;
mod figures;
mod load;
mod machine;
mod peers;
mod plot;
mod process;
mod report;
mod roster;
mod scenarios;
mod statistics;
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
        Some(cli::Command::Peers(peers)) => return ask_peers(&peers),
        None => options,
    };
    // Thousands of connections: the load generator takes over what this process may open.
    #[cfg(unix)]
    rlimit::increase_nofile_limit(u64::MAX)?;
    let bench = bench::Bench::prepare(&options)?;
    let mut report = report::Report::new(machine::describe(), bench.load.name());
    let mut failed = Vec::new();
    for scenario in options.scenarios() {
        eprintln!("== {}", scenario.name());
        match scenarios::run(scenario, &bench) {
            Ok(section) => {
                println!("\n{}", section.to_markdown());
                report.sections.push(section);
            }
            Err(error) => {
                eprintln!("rosterd-bench: {}: {error}", scenario.name());
                failed.push(scenario.name());
            }
        }
        // After each: a run of everything takes an hour or more, and what ends it takes nothing away.
        bench.save(&report)?;
        if options.docs {
            document::write(&bench.workspace.join("docs"), &report)?;
        }
    }
    eprintln!("figures: {}", bench.json.display());
    let verdict = verdict(&report, options.check);
    if failed.is_empty() {
        return Ok(verdict);
    }
    Err(format!("could not be measured: {}", failed.join(", ")).into())
}

fn ask_peers(options: &cli::PeersOptions) -> Result<ExitCode> {
    let report = peers::compare(options)?;
    for section in &report.sections {
        println!("\n{}", section.to_markdown());
    }
    peers::save(&report, options.json.as_deref())?;
    Ok(verdict(&report, options.check))
}

/// Names each bar that was missed, which fails where they were asked for.
fn verdict(report: &report::Report, check: bool) -> ExitCode {
    let missed: Vec<String> = report.missed().collect();
    for bar in &missed {
        println!("MISSED {bar}");
    }
    if check && !missed.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
