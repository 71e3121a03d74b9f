# Everyday commands. Nothing needs this file: each line is the command itself.

# What there is.
default:
    @just --list

# The server on ./data, with the plainest settings.
run *arguments:
    cargo run -- {{ arguments }}

# Everything a change must pass.
ci:
    .ci/run

# What a release must also pass.
full:
    .ci/full

# The quick round while writing.
check:
    cargo fmt --all
    cargo clippy --workspace --all-targets -- -D warnings

# All tests, or those whose name holds a text.
test *filter:
    cargo test --workspace -- {{ filter }}

# The same without PostgreSQL and without anything slow: rules alone.
test-domain:
    cargo test --package rosterd-domain

# Crashes, databases that are away, full disks: each that often, with figures.
faults rounds="20":
    ROSTERD_FAULT_ROUNDS={{ rounds }} cargo test --workspace --test faults -- --nocapture --test-threads 1

# A fuzz target for that many seconds.
fuzz target seconds="600":
    .ci/fuzz {{ seconds }} {{ target }}

# The recorded answers of Open WebUI against this server.
recordings:
    cargo test --package rosterd --test http recordings

# The documentation of every crate.
doc:
    cargo doc --workspace --no-deps --open

# Licences, duplicate and banned crates; needs cargo-deny.
deny:
    cargo deny check licenses bans sources

# How long a build from nothing takes, of each profile and of all tests, and what takes longest in it. On a machine that does nothing else.
build-times *profiles:
    .ci/build-times {{ profiles }}
