//! The same requests to servers that run already, such as rosterd and Open WebUI on copies of one database.

use std::fs;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::path::Path;

use serde::Deserialize;

use crate::Result;
use crate::arena::{self, Contender, Effort, Target};
use crate::bench::folders;
use crate::cli::PeersOptions;
use crate::load::{Load, Plan};
use crate::machine;
use crate::report::{Bar, Report, Section};

/// Who is asked what. The file is JSON; `crates/bench/README.md` has an example.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spec {
    /// At least one. The others are compared with the first.
    peers: Vec<Peer>,
    /// At least one.
    requests: Vec<Asked>,
    /// Connections at the same time.
    #[serde(default = "connections")]
    connections: usize,
}

fn connections() -> usize {
    32
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Peer {
    /// As it is called in the table.
    name: String,
    /// `http://host:port`, and a path if all of its paths begin with one.
    url: String,
    /// Session tokens or API keys, used in turn.
    tokens: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// As it is called in the table.
    name: String,
    /// Path and query.
    path: String,
    /// JSON; with one it is a POST.
    #[serde(default)]
    body: Option<serde_json::Value>,
    /// What the others must give at least, as a multiple of the first peer's answers a second.
    #[serde(default)]
    at_least: Option<f64>,
}

/// Where a peer is.
#[derive(Debug, PartialEq)]
struct Place {
    address: SocketAddr,
    /// What stands before each path; does not end in a slash.
    prefix: String,
}

/// Asks all of them in interleaved rounds. What was measured, as a report of one section.
pub(crate) fn compare(options: &PeersOptions) -> Result<Report> {
    let text = fs::read_to_string(&options.spec)
        .map_err(|error| format!("the file {} cannot be read: {error}", options.spec.display()))?;
    let spec = read(&text).map_err(|error| format!("{}: {error}", options.spec.display()))?;
    let load = if options.builtin { Load::Builtin } else { Load::find(&folders()?.1)? };
    let places = spec.peers.iter().map(|peer| place(&peer.url)).collect::<Result<Vec<_>>>()?;
    let plans: Vec<Plan> = spec
        .requests
        .iter()
        .flat_map(|asked| spec.peers.iter().zip(&places).map(move |(peer, place)| plan(asked, peer, place)))
        .collect();
    let contenders: Vec<_> = plans
        .iter()
        .enumerate()
        .map(|(index, plan)| {
            let (asked, peer) = (index / spec.peers.len(), index % spec.peers.len());
            let label = format!("{}, {}", spec.requests[asked].name, spec.peers[peer].name);
            Contender::new(label, Target::Elsewhere(places[peer].address), plan).connections(spec.connections)
        })
        .collect();
    let effort = Effort { rounds: options.rounds.max(1), seconds: options.seconds.max(1) };
    let mut section = Section::new("peers", "The same requests to each server, in interleaved rounds.");
    let series = arena::compete(&load, effort, &contenders)?;
    for (asked, series) in spec.requests.iter().zip(series.chunks(spec.peers.len())) {
        let Some((first, others)) = series.split_first() else { continue };
        for (other, peer) in others.iter().zip(&spec.peers[1..]) {
            let ratio = other.per_second() / first.per_second();
            let what = format!("{}: {} of {}", asked.name, peer.name, spec.peers[0].name);
            match asked.at_least {
                Some(wanted) => section.bars.push(Bar::at_least(what, ratio, wanted)),
                None => section.fact(what, crate::figures::short(ratio)),
            }
        }
    }
    section.series = series;
    let mut report = Report::new(machine::describe(), load.name());
    report.sections.push(section);
    Ok(report)
}

fn read(text: &str) -> Result<Spec> {
    let spec: Spec = serde_json::from_str(text)?;
    if spec.peers.is_empty() || spec.requests.is_empty() {
        return Err("`peers` and `requests` must each name at least one".into());
    }
    if let Some(peer) = spec.peers.iter().find(|peer| peer.tokens.is_empty()) {
        return Err(format!("the peer \"{}\" has no token in `tokens`", peer.name).into());
    }
    if let Some(asked) = spec.requests.iter().find(|asked| !asked.path.starts_with('/')) {
        return Err(format!("the path \"{}\" must begin with a slash", asked.path).into());
    }
    if spec.connections == 0 {
        return Err("`connections` must be at least 1".into());
    }
    Ok(spec)
}

fn plan(asked: &Asked, peer: &Peer, place: &Place) -> Plan {
    let path = format!("{}{}", place.prefix, asked.path);
    match &asked.body {
        Some(body) => Plan::post(&path, &peer.tokens, &body.to_string()),
        None => Plan::get(&path, &peer.tokens),
    }
}

fn place(url: &str) -> Result<Place> {
    let rest = url.strip_prefix("http://").ok_or_else(|| {
        format!("the URL {url} must begin with http://; for a server behind TLS, name the server itself and not its proxy")
    })?;
    let (host, prefix) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    let host = if has_port { host.to_owned() } else { format!("{host}:80") };
    let mut found =
        host.to_socket_addrs().map_err(|error| format!("the host of {url} is not found: {error}"))?;
    let address = found.next().ok_or_else(|| format!("the host of {url} has no IP address"))?;
    Ok(Place { address, prefix: prefix.trim_end_matches('/').to_owned() })
}

/// Writes the report as JSON, if a file was named.
pub(crate) fn save(report: &Report, file: Option<&Path>) -> Result<()> {
    let Some(file) = file else { return Ok(()) };
    Ok(fs::write(file, serde_json::to_string_pretty(report)?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = include_str!("../peers.example.json");

    #[test]
    fn the_example_can_be_read() {
        let spec = read(SPEC).unwrap();
        assert_eq!((spec.peers.len(), spec.connections), (2, 32));
        assert!(spec.requests.iter().any(|asked| asked.at_least.is_some()));
        let place = place("http://127.0.0.1:8081/base/").unwrap();
        let plan = plan(&spec.requests[0], &spec.peers[0], &place);
        assert!(plan.0[0].path.starts_with("/base/api/v1/"), "{}", plan.0[0].path);
    }

    #[test]
    fn a_url_is_a_host_a_port_and_a_prefix() {
        let at =
            |port, prefix: &str| Place { address: ([127, 0, 0, 1], port).into(), prefix: prefix.to_owned() };
        assert_eq!(place("http://127.0.0.1:8081").unwrap(), at(8081, ""));
        assert_eq!(place("http://127.0.0.1/").unwrap(), at(80, ""));
        assert_eq!(place("http://127.0.0.1:9/a/b/").unwrap(), at(9, "/a/b"));
        assert!(place("https://127.0.0.1").is_err() && place("http://").is_err());
    }

    #[test]
    fn what_is_wrong_with_a_spec_is_said() {
        for (from, to) in [
            ("\"tokens\": [\"", "\"tokens\": [], \"x\": [\""),
            ("\"path\": \"/", "\"path\": \""),
            ("\"connections\": 32", "\"connections\": 0"),
        ] {
            assert!(SPEC.contains(from), "{from}");
            assert!(read(&SPEC.replacen(from, to, 1)).is_err(), "{to}");
        }
        assert!(read("{\"peers\": [], \"requests\": []}").is_err());
    }
}
