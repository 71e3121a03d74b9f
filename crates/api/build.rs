//! Compresses the OpenAPI document for the program: as text it would be most of half a megabyte.
//!
//! The document is made from the code by the example `openapi`, and a test compares the two. So the program need not carry
//! what makes it.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=openapi.json");
    let folder = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("Cargo sets no OUT_DIR"))?;
    let mut file =
        GzEncoder::new(File::create(Path::new(&folder).join("openapi.json.gz"))?, Compression::best());
    file.write_all(&fs::read("openapi.json")?)?;
    file.finish()?;
    Ok(())
}
