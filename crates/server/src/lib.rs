//! rosterd: user management for Open WebUI-style chat deployments, as one binary.
//!
//! This crate reads the configuration ([`config`]), understands the command line ([`cli`]), sets up logging
//! ([`telemetry`]) and runs the server ([`server`]) until a signal ends it ([`signals`]). It decides no rule and
//! knows no table: the API is `rosterd-api`, the database `rosterd-storage`.
//!
//! A program that wants the server inside itself builds a [`Config`](config::Config) and calls
//! [`server::start`] on an actix or tokio runtime:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use rosterd::config::Config;
//!
//! let config = Config::from_variables([("PORT", "0"), ("DATABASE_URL", "sqlite:///./roster.db")])?;
//! let running = rosterd::server::start(&config).await?;
//! println!("http://{}", running.addr());
//! running.stop(true).await?;
//! # Ok(())
//! # }
//! ```

pub mod cli;
pub mod config;
mod connections;
mod folder;
mod metrics;
mod screen;
pub mod server;
pub mod signals;
mod start_error;
pub mod telemetry;
#[cfg(feature = "otel")]
mod traces;
mod welcome;
