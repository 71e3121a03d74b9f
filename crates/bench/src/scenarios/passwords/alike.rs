//! Whether the time of a refused sign-in tells that there is an account.

use rosterd_app::passwords::{hash_argon2, hash_blocking};
use rosterd_domain::rules::password_hash::Argon2Cost;
use rosterd_domain::secret::{PasswordHash, PlainPassword};

use super::{UNLIMITED, Visitor, email, roster_with};
use crate::Result;
use crate::bench::Bench;
use crate::figures::{median, short};
use crate::report::{Bar, Section};
use crate::statistics::{mann_whitney, welch};

/// Attempts on either side, for each round of the run.
const PAIRS_A_ROUND: usize = 160;

/// How many standard deviations the two may lie apart.
const BOUND: f64 = 4.0;

pub(super) fn measure(bench: &Bench, section: &mut Section) -> Result<()> {
    for (name, hashes) in mixes()? {
        let roster = roster_with(bench, &hashes)?;
        let more = [&UNLIMITED[..], &[("ROSTERD_BCRYPT_COST", "8")]].concat();
        let server = bench.rosterd("passwords alike", &roster, &more)?;
        let visitor = Visitor::at(server.address())?;
        let attempt = |email: &str| {
            visitor.sign_in(email, "not the password", 400).map(|took| took.as_secs_f64() * 1e3)
        };
        for number in 0..5 {
            attempt(&format!("warm{number}@nowhere.example"))?;
        }
        let (mut known, mut unknown) = (Vec::new(), Vec::new());
        for number in 0..PAIRS_A_ROUND * bench.effort.rounds {
            let (account, nobody) = (email(&roster, number), format!("nobody{number}@nowhere.example"));
            // Each comes first as often as the other.
            if number % 2 == 0 {
                known.push(attempt(&account)?);
                unknown.push(attempt(&nobody)?);
            } else {
                unknown.push(attempt(&nobody)?);
                known.push(attempt(&account)?);
            }
        }
        drop(server);
        roster.discard()?;
        let test = mann_whitney(&known, &unknown);
        eprintln!("   {name}: {} pairs, z {:.2}, t {:.2}", known.len(), test.z, welch(&known, &unknown));
        section.fact(
            format!("{name}: median with an account, and without"),
            format!("{} ms, {} ms", milliseconds(&known), milliseconds(&unknown)),
        );
        section.fact(
            format!("{name}: an attempt with an account takes longer"),
            format!("{:.1} % of {} pairs", test.first_is_larger * 100.0, known.len()),
        );
        section.bars.push(Bar::at_most(
            format!("alike, {name}: Mann-Whitney, standard deviations"),
            test.z.abs(),
            BOUND,
        ));
        section.bars.push(Bar::at_most(
            format!("alike, {name}: Welch, standard deviations"),
            welch(&known, &unknown).abs(),
            BOUND,
        ));
    }
    Ok(())
}

fn milliseconds(times: &[f64]) -> String {
    median(times.iter().copied()).map_or_else(String::new, short)
}

/// Hashes that accounts may have together: as after the cost was raised, and as after a move from elsewhere.
fn mixes() -> Result<Vec<(&'static str, Vec<PasswordHash>)>> {
    let password = PlainPassword::new("the password".to_owned());
    let bcrypt = |cost| hash_blocking(&password, cost);
    let argon2 = hash_argon2(&password, Argon2Cost { memory: 4096, passes: 2, lanes: 1 })?;
    // Of no password: only what a check costs matters here.
    let django = format!("pbkdf2_sha256$30000$salt${}=", "A".repeat(43));
    Ok(vec![
        ("bcrypt 8", vec![bcrypt(8)?]),
        ("bcrypt 6, 8 and 10", vec![bcrypt(6)?, bcrypt(8)?, bcrypt(10)?]),
        ("bcrypt 8, Argon2id and PBKDF2", vec![bcrypt(8)?, argon2, PasswordHash::from_stored(django)]),
    ])
}
