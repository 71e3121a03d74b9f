//! SCIM: an identity provider that makes ten thousand accounts and memberships one by one, what it asks of lists, and whether any of
//! that becomes slower as they become more.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::reads::ratio;
use super::{LIST, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::figures::short;
use crate::load::{Plan, SERIAL};
use crate::process::Server;
use crate::report::{Bar, Section};
use crate::roster::{Roster, Tables};

/// Accounts that are there already, and those that the provider makes.
const USERS: usize = 10_000;

/// A page of a list.
const PAGE: usize = 100;

/// The last tenth of what is made one by one goes at least so fast, of the first tenth.
const NO_SLOWER: f64 = 0.7;

/// So is the last page, of the first one: the places of all rows before it are passed over, in an index.
const LAST_PAGE: f64 = 0.5;

/// Of durable writes one by one, so many accounts are made: the row, its e-mail addresses, the provider's copy and two events.
const MADE: f64 = 0.25;

/// Of pages of the ordinary list, so many pages of users are answered.
const PAGES: f64 = 0.2;

/// So many times as often as a page, one user is found by its name.
const FOUND: f64 = 4.0;

pub(super) fn provisioning(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "scim",
        "An identity provider makes 10,000 users one by one beside 10,000 other accounts, adds each of them to one group, and disables \
         a tenth of them, over one connection. Then lists, with 32 connections: pages of 100 users at the beginning and at the end, \
         one user by `userName`, and groups; the ordinary list of users has pages of 100, too.",
    );
    section.fact("users that the provider makes", bench.users(USERS).to_string());
    measure(bench, &mut section, "SQLite", bench.roster(USERS)?.copy(&bench.data, "scim")?)?;
    match Roster::postgres(Tables::Own, USERS)? {
        Some(roster) => measure(bench, &mut section, "PostgreSQL", roster)?,
        None => section.fact("PostgreSQL", "is not installed here"),
    }
    Ok(section)
}

fn measure(bench: &Bench, section: &mut Section, kind: &str, roster: Roster) -> Result<()> {
    let token = connection(bench, &roster)?;
    let server = bench.rosterd(&format!("{kind} scim"), &roster, &[])?;
    make(bench, section, kind, (&server, &roster, &token))?;
    read(bench, section, kind, (&server, &roster, &token))?;
    drop(server);
    roster.discard()
}

/// Makes a connection, and gives its token.
fn connection(bench: &Bench, roster: &Roster) -> Result<String> {
    let mut command = bench.command(roster);
    let made = command
        .args(["scim", "create", "bench", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()?;
    if !made.status.success() {
        return Err(format!(
            "`rosterd scim create` failed: {}",
            String::from_utf8_lossy(&made.stderr).trim()
        )
        .into());
    }
    let shown: Value = serde_json::from_slice(&made.stdout)?;
    Ok(shown["token"].as_str().ok_or("`rosterd scim create` shows no token")?.to_owned())
}

/// The server, its database, and the token of the connection.
type At<'a> = (&'a Server, &'a Roster, &'a str);

fn make(bench: &Bench, section: &mut Section, kind: &str, (server, roster, token): At<'_>) -> Result<()> {
    let users = bench.users(USERS);
    let owner = roster.tokens().swap_remove(0);
    let mut writer = Provider::connect(server, &owner)?;
    let settings = one_by_one(users / 10, |number| {
        let body = writes::body().replace(SERIAL, &format!("{number:08}"));
        writer.ask("POST", UPDATE, &body).map(drop)
    })?;
    let mut provider = Provider::connect(server, token)?;
    let mut ids = Vec::with_capacity(users);
    let made = one_by_one(users, |number| {
        let answer = provider.ask("POST", "/scim/v2/Users", &user(number).to_string())?;
        ids.push(answer["id"].as_str().ok_or("a user without an id")?.to_owned());
        Ok(())
    })?;
    let group = json!({ "displayName": "Everybody" }).to_string();
    let group = provider.ask("POST", "/scim/v2/Groups", &group)?;
    let group = format!("/scim/v2/Groups/{}", group["id"].as_str().ok_or("a group without an id")?);
    let added = one_by_one(users, |number| {
        let value = json!([{ "$ref": null, "value": ids[number] }]);
        provider.ask("PATCH", &group, &patch("Add", "members", &value)).map(drop)
    })?;
    let disabled = one_by_one(users / 10, |number| {
        let path = format!("/scim/v2/Users/{}", ids[number * 10]);
        let answer = provider.ask("PATCH", &path, &patch("Replace", "active", &json!("False")))?;
        if answer["active"] == json!(false) { Ok(()) } else { Err("the user was not disabled".into()) }
    })?;
    for (what, pace) in [("users made", &made), ("members added", &added), ("users disabled", &disabled)] {
        section.fact(format!("{kind}: {what} a second"), short(pace.per_second));
        eprintln!("   {kind}: {what} a second: {}", short(pace.per_second));
    }
    section.fact(format!("{kind}: settings written a second, one by one"), short(settings.per_second));
    for (what, pace) in [("users made", &made), ("members added", &added)] {
        let label = format!("{kind}: {what}, last tenth of first");
        section.bars.push(Bar::at_least(label, pace.last_of_first, NO_SLOWER));
    }
    let label = format!("{kind}: users made of settings written");
    section.bars.push(Bar::at_least(label, made.per_second / settings.per_second, MADE));
    Ok(())
}

fn read(bench: &Bench, section: &mut Section, kind: &str, (server, roster, token): At<'_>) -> Result<()> {
    let token = [token.to_owned()];
    let users = bench.users(USERS);
    let ordinary = Plan::get(&format!("{LIST}?limit={PAGE}"), &roster.admin());
    let at = |start: usize| Plan::get(&format!("/scim/v2/Users?startIndex={start}&count={PAGE}"), &token);
    let (first, last) = (at(1), at(users - PAGE + 1));
    let one = |number: usize| {
        let name = user_name(number * users / 1000);
        Plan::get(&format!("/scim/v2/Users?filter=userName%20eq%20%22{name}%22"), &token).0
    };
    let found = Plan((0..1000).flat_map(one).collect());
    let groups = Plan::get(&format!("/scim/v2/Groups?count={PAGE}&excludedAttributes=members"), &token);
    let plans = [
        ("the ordinary list", &ordinary),
        ("SCIM, first page", &first),
        ("SCIM, last page", &last),
        ("SCIM, one by userName", &found),
        ("SCIM, groups", &groups),
    ];
    let contenders = plans.map(|(label, plan)| Contender::new(format!("{kind}, {label}"), server, plan));
    let start = section.series.len();
    section.series.extend(bench.compete_with(bench.at_most(3, 3), &contenders)?);
    let mut bar = |label: &str, which: usize, of: usize, wanted| {
        section.bars.push(ratio(section, &format!("{kind}: {label}"), start + which, start + of, wanted));
    };
    bar("a page of users, of the ordinary list", 1, 0, PAGES);
    bar("the last page, of the first", 2, 1, LAST_PAGE);
    bar("one user by its name, of a page", 3, 1, FOUND);
    Ok(())
}

fn user_name(number: usize) -> String {
    format!("person{number:06}@scim.example")
}

/// As Entra ID sends it.
fn user(number: usize) -> Value {
    let address = user_name(number);
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "externalId": format!("0a21f0f2-8d2a-4f8e-bf98-{number:012}"),
        "userName": address, "active": true, "displayName": format!("Person {number}"),
        "name": { "formatted": format!("Person {number}"), "familyName": number.to_string(), "givenName": "Person" },
        "emails": [{ "primary": true, "type": "work", "value": address }],
        "meta": { "resourceType": "User" }, "roles": [],
    })
}

fn patch(op: &str, path: &str, value: &Value) -> String {
    let operation = json!({ "op": op, "path": path, "value": value });
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    json!({ "schemas": schemas, "Operations": [operation] }).to_string()
}

/// How fast something goes that is done one by one.
struct Pace {
    per_second: f64,
    /// How fast the last tenth goes, of the first.
    last_of_first: f64,
}

fn one_by_one(count: usize, mut each: impl FnMut(usize) -> Result<()>) -> Result<Pace> {
    let began = Instant::now();
    let tenth = (count / 10).max(1);
    let (mut first, mut before_last) = (Duration::ZERO, Duration::ZERO);
    for number in 0..count {
        each(number)?;
        if number + 1 == tenth {
            first = began.elapsed();
        }
        if number + 1 == count - tenth {
            before_last = began.elapsed();
        }
    }
    Ok(Pace::of(u32::try_from(count)?, first, before_last, began.elapsed()))
}

impl Pace {
    /// By when the first tenth was done, when the last one began, and when all was done.
    fn of(count: u32, first: Duration, before_last: Duration, all: Duration) -> Self {
        let last = all.saturating_sub(before_last);
        Self {
            per_second: f64::from(count) / all.as_secs_f64(),
            last_of_first: first.as_secs_f64() / last.as_secs_f64(),
        }
    }
}

/// Who sends one request after the other over one connection.
struct Provider {
    stream: BufReader<TcpStream>,
    token: String,
}

impl Provider {
    fn connect(server: &Server, token: &str) -> Result<Self> {
        let stream = TcpStream::connect(server.address())?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        Ok(Self { stream: BufReader::new(stream), token: token.to_owned() })
    }

    /// The body of the answer, which must be a good one.
    fn ask(&mut self, method: &str, path: &str, body: &str) -> Result<Value> {
        let media_type =
            if path.starts_with("/scim/") { "application/scim+json" } else { "application/json" };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {}\r\nContent-Type: {media_type}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.token,
            body.len(),
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let status = self.line()?;
        let mut length = 0;
        loop {
            let line = self.line()?;
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.stream.read_exact(&mut answer)?;
        if !status.starts_with("HTTP/1.1 2") {
            return Err(format!("{method} {path}: {status}: {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(serde_json::from_slice(&answer)?)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line)? == 0 {
            return Err("the server hung up".into());
        }
        Ok(line.trim_end().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_becomes_slower_is_seen() {
        let seconds = Duration::from_secs;
        let pace = Pace::of(100, seconds(1), seconds(18), seconds(20));
        assert!((pace.per_second - 5.0).abs() < 1e-9 && (pace.last_of_first - 0.5).abs() < 1e-9);
        let mut done = Vec::new();
        let each = |number| {
            done.push(number);
            if number < 3 { Ok(()) } else { Err("no".into()) }
        };
        assert!(one_by_one(5, each).is_err());
        assert_eq!(done, [0, 1, 2, 3]);
    }

    #[test]
    fn a_name_stands_in_a_url_as_it_is() {
        assert!(user_name(7).bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.".contains(&byte)));
    }
}
