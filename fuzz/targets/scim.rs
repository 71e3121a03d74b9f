#![no_main]

#[path = "../src/scim.rs"]
mod scim;

libfuzzer_sys::fuzz_target!(|data: &[u8]| scim::scim(data));
