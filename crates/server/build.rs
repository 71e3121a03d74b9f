//! How the program is linked.
//!
//! A program that may be loaded anywhere in memory carries a list of the pointers to mend at its start: more than a
//! megabyte here. glibc 2.36 and later reads that list in a packed form of a few dozen kilobytes (`DT_RELR`), earlier
//! ones refuse such a program. So it is packed only where the machine that builds is the kind that runs it, with a glibc
//! that can read it.

use std::env;
use std::process::Command;

/// The first glibc that reads packed relocations.
const SINCE: (u32, u32) = (2, 36);

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = env::var("TARGET").unwrap_or_default();
    let same = env::var("HOST").is_ok_and(|host| host == target);
    if same && target.ends_with("-linux-gnu") && glibc().is_some_and(|version| version >= SINCE) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// The version of this machine's glibc; `None` where it cannot be told.
fn glibc() -> Option<(u32, u32)> {
    let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (major, rest) = text.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, rest.split('.').next()?.parse().ok()?))
}
