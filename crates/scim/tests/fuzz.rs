//! The fuzz target `scim` on its seeds, and on seeds that were changed at random: what a fuzzer does for hours with flags of its own,
//! in a second without. The same changes are made in every run.

#[path = "../../../fuzz/src/replay.rs"]
mod replay;
#[path = "../../../fuzz/src/scim.rs"]
pub mod target;

#[test]
fn scim() {
    replay::replay("scim", target::scim);
}
