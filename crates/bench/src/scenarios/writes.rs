//! Durable writes: one writer that commits together against a transaction for each request.

use super::reads::ratio;
use super::{SETTINGS, UPDATE};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::cli::Kind;
use crate::load::{Plan, SERIAL};
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::roster::Roster;

const USERS: usize = 10_000;

/// Connections: a busy office, and a rush.
const CONNECTIONS: [usize; 2] = [32, 256];

const ONE_BY_ONE: (&str, &str) = ("ROSTERD_GROUP_COMMIT", "false");
const NORMAL: (&str, &str) = ("ROSTERD_SYNCHRONOUS", "normal");
const FULL: (&str, &str) = ("ROSTERD_SYNCHRONOUS", "full");

pub(super) fn settings(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "settings-write",
        "`POST /user/settings/update` on SQLite, with another kilobyte each time. *One by one* is the same server, \
         but with one transaction for each request and a pool of four connections (built with the feature \
         `one-by-one`).",
    );
    let roster = bench.roster(USERS)?;
    let modes: [(&str, &[(&str, &str)]); 4] = [
        ("FULL, committed together", &[FULL]),
        ("FULL, one by one", &[FULL, ONE_BY_ONE]),
        ("NORMAL, committed together", &[NORMAL]),
        ("NORMAL, one by one", &[NORMAL, ONE_BY_ONE]),
    ];
    let mut servers = Vec::new();
    for (name, environment) in modes {
        let copy = roster.copy(&bench.data, &name.replace([' ', ','], "-"))?;
        servers.push((name, bench.rosterd(name, &copy, environment)?, copy));
    }
    let token = bench.bare(Kind::Token, None)?;
    let (reads, writes) =
        (Plan::get(SETTINGS, &roster.tokens()), Plan::post(UPDATE, &roster.tokens(), &body()));
    let mut contenders = vec![Contender::new("bare with HS256 check", &token, &reads)];
    for connections in CONNECTIONS {
        contenders.extend(
            servers
                .iter()
                .map(|(name, server, _)| Contender::new(*name, server, &writes).connections(connections)),
        );
    }
    section.series = bench.compete_with(bench.at_most(3, u64::MAX), &contenders)?;
    section.baseline = Some(0);
    for (place, connections) in CONNECTIONS.into_iter().enumerate() {
        // The bare server, then four modes for each number of connections.
        let first = 1 + place * servers.len();
        let (together, alone) = (&section.series[first], &section.series[first + 1]);
        let slower = together.p99_ms() / alone.p99_ms();
        section.bars.push(ratio(
            &section,
            &format!("FULL, {connections} connections: together of one by one"),
            first,
            first + 1,
            3.0,
        ));
        section.bars.push(Bar::at_most(
            format!("FULL, {connections} connections: p99 of one by one's"),
            slower,
            0.1,
        ));
    }
    section.bars.push(ratio(&section, "NORMAL, 32 connections, of bare with HS256", 3, 0, 0.22));
    discard(servers)?;
    Ok(section)
}

/// Ends the servers, then removes their files.
fn discard(servers: Vec<(&str, Server, Roster)>) -> Result<()> {
    for (_, server, copy) in servers {
        drop(server);
        copy.discard()?;
    }
    Ok(())
}

/// One kilobyte, another one each time.
pub(super) fn body() -> String {
    let head = format!(r#"{{"ui": {{"theme": "dark", "draft": "{SERIAL}", "system": ""#);
    let tail = r#""}}"#;
    format!("{head}{}{tail}", "x".repeat(1024 - head.len() - tail.len()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_body_is_json_of_one_kilobyte() {
        let body = super::body();
        assert_eq!(body.len(), 1024);
        assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok());
    }
}
