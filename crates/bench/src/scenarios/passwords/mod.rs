//! What signing in costs, what its time tells, and whom it holds up: rules M27 and M28, and docs/SECURITY.md.

mod alike;
mod bare_hash;
mod storm;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use reqwest::Client;
use rosterd_domain::secret::PasswordHash;
use rosterd_storage::raw;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use crate::Result;
use crate::bench::Bench;
use crate::report::Section;
use crate::roster::Roster;
use crate::roster::people;

pub(super) const SIGN_IN: &str = "/api/v1/auths/signin";

const USERS: usize = 10_000;

/// Settings under which one machine may sign in as often as it likes, through a proxy whose word counts.
pub(super) const UNLIMITED: [(&str, &str); 4] = [
    ("ROSTERD_SIGN_IN_PER_EMAIL", "1000000"),
    ("ROSTERD_SIGN_IN_PER_ACCOUNT", "1000000"),
    ("ROSTERD_SIGN_IN_PER_CLIENT_IP", "1000000"),
    ("ROSTERD_TRUSTED_PROXIES", "127.0.0.1"),
];

pub(super) fn measure(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "passwords",
        "Sign-ins with a password, on SQLite. *Alike*: attempts with a wrong password for accounts and for e-mail addresses without one, \
         in turn, while the accounts have hashes of several kinds. Two statistical tests compare the times; a figure beyond 4 comes by \
         chance once in 15,000 runs. *Of the bare hash*: CPU time of the server for a successful sign-in, compared with that of \
         the hash alone in the same run. *Storm*: own settings are read over 16 connections, alone and while 200 clients \
         sign in, each again as soon as it is answered.",
    );
    alike::measure(bench, &mut section)?;
    bare_hash::measure(bench, &mut section)?;
    storm::measure(bench, &mut section)?;
    Ok(section)
}

/// A roster of its own, in which each account has one of these hashes, in turn.
fn roster_with(bench: &Bench, hashes: &[PasswordHash]) -> Result<Roster> {
    let roster = bench.roster(bench.users(USERS))?.copy(&bench.data, "passwords")?;
    let whens: Vec<String> = hashes
        .iter()
        .enumerate()
        .map(|(number, hash)| format!("WHEN {number} THEN '{}'", hash.expose()))
        .collect();
    // SQLite numbers the rows; their ids are random.
    let update = format!("UPDATE auth SET password = CASE rowid % {} {} END", hashes.len(), whens.join(" "));
    raw::execute(&roster.database()?, &update)?;
    Ok(roster)
}

/// The e-mail address of somebody of a roster.
fn email(roster: &Roster, number: usize) -> String {
    people::person(number % roster.users, roster.users).email
}

/// One client that signs in, one attempt at a time.
struct Visitor {
    runtime: Runtime,
    client: Client,
    address: SocketAddr,
}

impl Visitor {
    fn at(address: SocketAddr) -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, client: client()?, address })
    }

    /// Signs in, and gives how long that took. An answer with another status than this is an error.
    fn sign_in(&self, email: &str, password: &str, wanted: u16) -> Result<Duration> {
        let began = Instant::now();
        let status =
            self.runtime.block_on(sign_in(&self.client, self.address, email, password, "192.0.2.1"))?;
        if status == wanted {
            Ok(began.elapsed())
        } else {
            Err(format!("a sign-in was answered {status}").into())
        }
    }
}

fn client() -> Result<Client> {
    Ok(Client::builder().no_proxy().timeout(Duration::from_mins(2)).build()?)
}

/// Signs in from this client IP; gives the status of the answer, which is read to its end.
async fn sign_in(
    client: &Client,
    address: SocketAddr,
    email: &str,
    password: &str,
    client_ip: &str,
) -> Result<u16, reqwest::Error> {
    let body = json!({ "email": email, "password": password }).to_string();
    let request =
        client.post(format!("http://{address}{SIGN_IN}")).header("content-type", "application/json");
    let answer = request.header("x-forwarded-for", client_ip).body(body).send().await?;
    let status = answer.status().as_u16();
    answer.bytes().await?;
    Ok(status)
}
