//! How much more than the hash a sign-in costs.

use std::process;
use std::time::{Duration, Instant};

use rosterd_app::passwords::{hash_argon2, hash_blocking};
use rosterd_domain::rules::password_hash::Argon2Cost;
use rosterd_domain::secret::{PasswordHash, PlainPassword};

use super::{UNLIMITED, Visitor, email, roster_with};
use crate::Result;
use crate::bench::Bench;
use crate::figures::{median, short};
use crate::report::{Bar, Section};
use crate::usage;

/// What OWASP's cheat sheet on storing passwords asks of Argon2id at least: 19 MiB, two passes, one lane.
const OWASP: Argon2Cost = Argon2Cost { memory: 19_456, passes: 2, lanes: 1 };

/// Makes a hash.
type Make<'a> = &'a dyn Fn() -> Result<PasswordHash>;

/// A kind of hash: its name, a password, how a hash of it is made, and how many of the sign-ins that the bare hash would allow
/// are wanted at least.
type Kind<'a> = (&'a str, &'a PlainPassword, Make<'a>, f64);

pub(super) fn measure(bench: &Bench, section: &mut Section) -> Result<()> {
    let short_one = PlainPassword::new("the password".to_owned());
    // A hash of Argon2id is kept at sign-in, and not replaced by one of bcrypt, if bcrypt would not read all of the password.
    let long_one = PlainPassword::new("the password ".repeat(8));
    let bcrypt = || Ok(hash_blocking(&short_one, 12)?);
    let argon2 = || Ok(hash_argon2(&long_one, OWASP)?);
    // The bench is built for speed, the program for size, and then the compiler uses no vectors: docs/PERFORMANCE.md says more.
    let kinds: [Kind<'_>; 2] =
        [("bcrypt 12", &short_one, &bcrypt, 0.9), ("Argon2id, 19 MiB, 2 passes", &long_one, &argon2, 0.5)];
    for (name, password, make, wanted) in kinds {
        let roster = roster_with(bench, &[make()?])?;
        let server = bench.rosterd("passwords of the bare hash", &roster, &UNLIMITED)?;
        let visitor = Visitor::at(server.address())?;
        let span = Duration::from_secs(bench.effort.seconds);
        let mut number = 0;
        let mut sign_in = || {
            number += 1;
            visitor.sign_in(&email(&roster, number), password.expose(), 200).map(drop)
        };
        sign_in()?;
        let (mut bare, mut whole) = (Vec::new(), Vec::new());
        for _ in 0..bench.effort.rounds {
            bare.push(cost(process::id(), span, || make().map(drop))?);
            whole.push(cost(server.pid(), span, &mut sign_in)?);
        }
        drop(server);
        roster.discard()?;
        let (Some(bare), Some(whole)) = (median(bare), median(whole)) else { return Err("no rounds".into()) };
        eprintln!("   {name}: hash {:.2} ms, sign-in {:.2} ms", bare * 1e3, whole * 1e3);
        section.fact(format!("{name}: sign-ins a second and core"), short(1.0 / whole));
        section.fact(format!("{name}: hashes a second and core"), short(1.0 / bare));
        section.bars.push(Bar::at_least(format!("{name}: sign-ins of the bare hash"), bare / whole, wanted));
    }
    Ok(())
}

/// What one run of the work costs the process, again and again for a while: its CPU time, else the time that passes. Seconds.
fn cost(pid: u32, span: Duration, mut work: impl FnMut() -> Result<()>) -> Result<f64> {
    let (began, before) = (Instant::now(), usage::cpu_seconds(pid));
    let mut runs = 0_u32;
    while runs == 0 || began.elapsed() < span {
        work()?;
        runs += 1;
    }
    let passed = began.elapsed().as_secs_f64();
    let used = before.zip(usage::cpu_seconds(pid)).map_or(passed, |(before, after)| after - before);
    Ok(used / f64::from(runs))
}
