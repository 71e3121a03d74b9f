//! The server as a whole: memory, start, size, and the one answer that holds everybody.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::{ALL, LIST, PERMISSIONS, RARE_PART, SEARCH, SETTINGS, UPDATE, writes};
use crate::Result;
use crate::arena::Contender;
use crate::bench::Bench;
use crate::figures::median;
use crate::figures::short;
use crate::load::{Plan, Request};
use crate::process::{self, Server};
use crate::report::{Bar, Section};
use crate::roster::Roster;
use crate::usage;

/// Starts of which the median is taken.
const STARTS: usize = 7;

/// Answers with everybody of which the median is taken.
const ANSWERS: usize = 3;

pub(super) fn everybody(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "all-stream",
        "`GET /users/all` for an admin on SQLite: all users in one answer, which is sent while the rows are read. Neither the ids \
         nor the times of the users go with the places of their rows. The median of several answers, of which the first finds \
         nothing in the server's own memory.",
    );
    let roster = bench.shuffled_roster(bench.users(1_000_000))?;
    let server = bench.rosterd("all stream", &roster, &[])?;
    let Some(idle) = usage::resident_mb(server.pid()) else {
        section.fact("memory", "the system does not tell");
        return Ok(section);
    };
    usage::reset_peak(server.pid());
    let (mut times, mut bytes) = (Vec::new(), 0);
    for _ in 0..ANSWERS {
        let began = Instant::now();
        bytes = whole_answer(&server, &roster)?;
        times.push(began.elapsed().as_secs_f64());
    }
    let seconds = median(times.iter().copied()).unwrap_or(f64::NAN);
    let peak = usage::peak_mb(server.pid()).unwrap_or(f64::NAN);
    #[expect(clippy::cast_precision_loss, reason = "a size, and a count of users")]
    let (megabytes, users) = (bytes as f64 / 1e6, roster.users as f64);
    section.fact("users", roster.users.to_string());
    section.fact("answer", format!("{} MB in {} s", short(megabytes), short(seconds)));
    section.fact("each, s", times.iter().map(|time| short(*time)).collect::<Vec<_>>().join(", "));
    section.fact("resident before", format!("{} MB", short(idle)));
    section.fact("resident at most", format!("{} MB", short(peak)));
    section.bars.push(Bar::at_least("users a second", users / seconds, 200_000.0));
    section.bars.push(Bar::at_most("MB above idle", peak - idle, 60.0));
    Ok(section)
}

/// Reads the list of everybody to its end; gives its length.
fn whole_answer(server: &Server, roster: &Roster) -> Result<usize> {
    let admin = roster.admin();
    let (mut bytes, mut end) = (0_usize, Vec::new());
    process::get(server.address(), ALL, admin.first().map(String::as_str), |piece| {
        bytes += piece.len();
        end.extend_from_slice(piece);
        end.drain(..end.len().saturating_sub(64));
    })?;
    let tail = String::from_utf8_lossy(&end).into_owned();
    if tail.contains(&format!("\"total\":{}}}", roster.users)) {
        Ok(bytes)
    } else {
        Err(format!("the list of everybody ends in {tail:?}").into())
    }
}

pub(super) fn memory(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "memory",
        "Resident memory on SQLite with 100,000 users: before the first request, and the maximum while 256 \
         connections send a mix of settings, permissions, lists, searches, updates and profile images.",
    );
    let roster = bench.roster(bench.users(100_000))?;
    let copy = roster.copy(&bench.data, "memory")?;
    let server = bench.rosterd("memory", &copy, &[])?;
    // Long enough for every thread to have come to rest.
    thread::sleep(Duration::from_secs(1));
    let Some(idle) = usage::resident_mb(server.pid()) else {
        section.fact("memory", "the system does not tell");
        return Ok(section);
    };
    let (tokens, ids, admin) = (roster.tokens(), roster.ids(), roster.admin());
    let mixed = tokens.iter().zip(&ids).enumerate().map(|(index, (token, id))| {
        let get = |path: String| Request { path, token: Some(token.clone()), body: None };
        let as_admin = |path: String| Request { path, token: admin.first().cloned(), body: None };
        match index % 10 {
            0..=3 => get(SETTINGS.to_owned()),
            4 | 5 => get(PERMISSIONS.to_owned()),
            6 => as_admin(format!("{LIST}?page={}", index % 100)),
            7 => get(format!("{SEARCH}?query={RARE_PART}")),
            8 => Request { body: Some(writes::body()), ..get(UPDATE.to_owned()) },
            _ => get(format!("/api/v1/users/{id}/profile/image")),
        }
    });
    let plan = Plan(mixed.collect());
    usage::reset_peak(server.pid());
    section.series = bench.compete(&[Contender::new("mixed load", &server, &plan).connections(256)])?;
    let peak = usage::peak_mb(server.pid()).unwrap_or(f64::NAN);
    section.bars.push(Bar::at_most("idle, MB", idle, 25.0));
    section.bars.push(Bar::at_most("256 connections of mixed load, MB", peak, 100.0));
    drop(server);
    copy.discard()?;
    Ok(section)
}

pub(super) fn startup(bench: &Bench) -> Result<Section> {
    let mut section = Section::new(
        "startup",
        "The time from the start of the process to its first answer (`GET /health`, sent every millisecond), on a \
         migrated SQLite database with 1 million users.",
    );
    let roster = bench.roster(bench.users(1_000_000))?;
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(bench.rosterd("start", &roster, &[])?.started_in.as_secs_f64() * 1e3);
    }
    section.fact("users", roster.users.to_string());
    section.fact("starts, ms", times.iter().map(|time| short(*time)).collect::<Vec<_>>().join(", "));
    section.bars.push(Bar::at_most("median, ms", median(times).unwrap_or(f64::NAN), 100.0));
    Ok(section)
}

pub(super) fn binary_size(bench: &Bench) -> Result<Section> {
    let mut section =
        Section::new("binary-size", "The release binary without symbols, with both databases and TLS.");
    #[expect(clippy::cast_precision_loss, reason = "a size")]
    let megabytes = fs::metadata(&bench.program)?.len() as f64 / 1e6;
    section.bars.push(Bar::at_most("MB", megabytes, 20.0));
    Ok(section)
}
