//! Prints the OpenAPI document: `cargo run --package rosterd-api --features openapi --example openapi > docs/openapi.json`.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(rosterd_api::openapi::text().as_bytes())
}
