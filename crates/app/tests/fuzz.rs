//! The fuzz targets on their seeds, and on seeds that were changed at random: what a fuzzer does for hours with
//! flags of its own, in a second without. The same changes are made in every run.

use replay::replay;

#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/lib.rs"]
pub mod targets;

#[test]
fn tokens() {
    replay("tokens", targets::tokens);
}

#[test]
fn pictures() {
    replay("pictures", targets::pictures);
}

#[test]
fn settings() {
    replay("settings", targets::settings);
}

#[test]
fn lists() {
    replay("lists", targets::lists);
}
