//! What each feature costs on the hot paths: the same server with it and without it, in turn.

use rosterd_app::passwords::hash_blocking;
use rosterd_domain::secret::PlainPassword;
use rosterd_storage::raw;

use super::passwords::{SIGN_IN, UNLIMITED};
use super::reads::METRICS;
use super::{LIST, PERMISSIONS, SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::figures::{Series, quartiles, short};
use crate::load::{Plan, Request};
use crate::process::Server;
use crate::report::{Grid, Section};
use crate::roster::{Roster, people};

const USERS: usize = 10_000;

/// Password of everybody, with the cheapest hash there is: at the usual cost, the hash would be all that is seen.
const PASSWORD: &str = "the password";
const CHEAPEST: u32 = 4;

/// How the server that is compared with the usual one differs from it.
enum Differs {
    /// It lacks the feature, started so.
    Without(&'static [(&'static str, &'static str)]),
    /// It alone has the feature, started so.
    With(&'static [(&'static str, &'static str)]),
    /// It is the same, but its tokens name no session.
    NoSession,
}

/// A part of the work.
struct Feature {
    name: &'static str,
    differs: Differs,
    /// Of which [`PATHS`] it is a part.
    paths: &'static [usize],
}

const PATHS: [&str; 5] = ["settings", "permissions", "list page", "settings update", "sign-in"];

const FEATURES: &[Feature] = &[
    Feature {
        name: "session: its row is read, and when it was last used is kept",
        differs: Differs::NoSession,
        paths: &[0, 1, 2, 3],
    },
    Feature {
        name: "request log",
        differs: Differs::Without(&[("RUST_LOG", "info,rosterd::request=off")]),
        paths: &[0, 1, 2, 3, 4],
    },
    Feature { name: "metrics (off by default)", differs: Differs::With(&[METRICS]), paths: &[0, 1, 2, 3, 4] },
    Feature {
        name: "seven security headers (off by default)",
        differs: Differs::With(&[
            ("HSTS", "max-age=31536000"),
            ("PERMISSIONS_POLICY", "camera=(), microphone=()"),
            ("REFERRER_POLICY", "no-referrer"),
            ("XCONTENT_TYPE", "nosniff"),
            ("XFRAME_OPTIONS", "DENY"),
            ("CROSS_ORIGIN_OPENER_POLICY", "same-origin"),
            ("CONTENT_SECURITY_POLICY", "default-src 'self'"),
        ]),
        paths: &[0],
    },
    Feature { name: "audit log", differs: Differs::Without(&[("ROSTERD_AUDIT", "false")]), paths: &[3, 4] },
    Feature {
        name: "commits that survive a power failure",
        differs: Differs::Without(&[("ROSTERD_SYNCHRONOUS", "normal")]),
        paths: &[3, 4],
    },
    Feature {
        name: "limits of sign-in attempts",
        differs: Differs::Without(&[
            ("ROSTERD_SIGN_IN_PER_EMAIL", "0"),
            ("ROSTERD_SIGN_IN_PER_ACCOUNT", "0"),
            ("ROSTERD_SIGN_IN_PER_CLIENT_IP", "0"),
        ]),
        paths: &[4],
    },
];

pub(super) fn of_each_feature(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "prices",
        "What each feature costs of the CPU time of an answer, on SQLite with 32 connections. Microseconds: the difference to the \
         same server without the feature, each with its own copy of the database, in turn; the median of the rounds, ± half of the \
         middle half of them. The hash of the sign-ins is bcrypt at cost 4, which is a hundredth of the time of the usual one.",
    );
    let roster = roster(bench)?;
    let mut grid = Grid::new(["", PATHS[0], PATHS[1], PATHS[2], PATHS[3], PATHS[4]]);
    grid.rows.push(vec!["the whole answer".to_owned()]);
    grid.rows.extend(FEATURES.iter().map(|feature| vec![feature.name.to_owned()]));
    for path in 0..PATHS.len() {
        let column = measure(bench, &roster, path)?;
        for (row, cell) in grid.rows.iter_mut().zip(column) {
            row.push(cell);
        }
    }
    section.grids.push(grid);
    roster.discard()?;
    Ok(section)
}

/// A roster in which everybody can sign in at once.
fn roster(bench: &Bench) -> Result<Roster> {
    let roster = bench.roster(bench.users(USERS))?.copy(&bench.data, "prices")?;
    let hash = hash_blocking(&PlainPassword::new(PASSWORD.to_owned()), CHEAPEST)?;
    raw::execute(&roster.database()?, &format!("UPDATE auth SET password = '{}'", hash.expose()))?;
    Ok(roster)
}

/// A path's column: what the whole answer costs, then the price of each feature.
fn measure(bench: &Bench, roster: &Roster, path: usize) -> Result<Vec<String>> {
    let there: Vec<&Feature> = FEATURES.iter().filter(|feature| feature.paths.contains(&path)).collect();
    let with = plan(roster, path, &roster.tokens(), &roster.admin());
    let all_without = roster.tokens_without_session();
    let without = plan(roster, path, &all_without, &roster.admin_without_session());
    let mut servers = vec![Started::new(bench, roster, path, "as it is", &[])?];
    for feature in &there {
        servers.push(Started::new(bench, roster, path, feature.name, feature.environment())?);
    }
    let contenders: Vec<_> = servers
        .iter()
        .zip(std::iter::once(None).chain(there.iter().map(Some)))
        .map(|(started, feature)| match feature {
            Some(Feature { differs: Differs::NoSession, .. }) => {
                Contender::new(format!("{}, no session", PATHS[path]), &started.server, &without)
            }
            Some(feature) => {
                Contender::new(format!("{}, {}", PATHS[path], feature.name), &started.server, &with)
            }
            None => Contender::new(format!("{}, as it is", PATHS[path]), &started.server, &with),
        })
        .collect();
    let series = bench.compete_with(bench.many_short(), &contenders)?;
    drop(contenders);
    let mut others = series.iter().skip(1);
    let mut column = vec![short(series[0].cost_us())];
    for feature in FEATURES {
        column.push(if feature.paths.contains(&path) {
            others.next().map_or_else(String::new, |other| price(&series[0], other, &feature.differs))
        } else {
            "–".to_owned()
        });
    }
    for started in servers {
        started.discard()?;
    }
    Ok(column)
}

impl Feature {
    /// Of the server that differs.
    fn environment(&self) -> &'static [(&'static str, &'static str)] {
        match self.differs {
            Differs::Without(environment) | Differs::With(environment) => environment,
            Differs::NoSession => &[],
        }
    }
}

/// The difference in each round, since what disturbs one server in a round disturbs its neighbours.
fn price(usual: &Series, other: &Series, differs: &Differs) -> String {
    let sign = if matches!(differs, Differs::With(_)) { -1.0 } else { 1.0 };
    let differences = usual
        .rounds
        .iter()
        .zip(&other.rounds)
        .filter_map(|(usual, other)| Some(sign * (usual.cpu_us? - other.cpu_us?)));
    match quartiles(differences) {
        Some([low, middle, high]) => {
            format!("{} ± {}", short(middle), short((high - low) / 2.0))
        }
        None => String::new(),
    }
}

/// What is asked on a path.
fn plan(roster: &Roster, path: usize, tokens: &[String], admin: &[String]) -> Plan {
    match path {
        0 => Plan::get(SETTINGS, tokens),
        1 => Plan::get(PERMISSIONS, tokens),
        2 => Plan::get(LIST, admin),
        3 => Plan::post(UPDATE, tokens, &writes::body()),
        _ => {
            let of = |person: people::Person| Request {
                path: SIGN_IN.to_owned(),
                token: None,
                body: Some(format!(r#"{{"email": "{}", "password": "{PASSWORD}"}}"#, person.email)),
            };
            Plan(people::callers(roster.users, people::CALLERS).map(of).collect())
        }
    }
}

/// A server with a copy of the roster of its own.
struct Started {
    server: Server,
    roster: Roster,
}

impl Started {
    fn new(bench: &Bench, roster: &Roster, path: usize, name: &str, more: &[(&str, &str)]) -> Result<Self> {
        let file = format!("price-of-{}", name.split_whitespace().next().unwrap_or(name));
        let roster = roster.copy(&bench.data, &file)?;
        let cost = CHEAPEST.to_string();
        let mut environment = vec![("ROSTERD_BCRYPT_COST", cost.as_str())];
        if PATHS[path] == "sign-in" {
            environment.extend(UNLIMITED);
        }
        // What is said last counts.
        environment.extend(more);
        Ok(Self { server: bench.rosterd(name, &roster, &environment)?, roster })
    }

    /// Ends the server, then removes its file.
    fn discard(self) -> Result<()> {
        drop(self.server);
        self.roster.discard()
    }
}
