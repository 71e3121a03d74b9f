//! Sends requests over a number of connections for a while, each connection asking again as soon as it was answered.

mod builtin;
mod wrk;

use std::net::SocketAddr;
use std::path::Path;

use crate::Result;

/// Where a body's number goes: eight digits that differ from request to request, since a database that is told what
/// it already knows may write nothing.
pub(crate) const SERIAL: &str = "########";

/// Requests, sent one after the other and from the beginning again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan(pub(crate) Vec<Request>);

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// What it is sent with; a body makes it a POST.
    pub(crate) path: String,
    /// The caller.
    pub(crate) token: Option<String>,
    /// JSON, with [`SERIAL`] once in it.
    pub(crate) body: Option<String>,
}

impl Plan {
    /// The same path for each of these callers.
    pub(crate) fn get(path: &str, tokens: &[String]) -> Self {
        let request =
            |token: &String| Request { path: path.to_owned(), token: Some(token.clone()), body: None };
        Self(tokens.iter().map(request).collect())
    }

    /// The same body from each of these callers.
    pub(crate) fn post(path: &str, tokens: &[String], body: &str) -> Self {
        let mut plan = Self::get(path, tokens);
        for request in &mut plan.0 {
            request.body = Some(body.to_owned());
        }
        plan
    }
}

/// What a run gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tally {
    /// Answers, whatever their status.
    pub(crate) answers: u64,
    /// Answers other than 2xx and 3xx, and connections that broke.
    pub(crate) errors: u64,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Half of the answers came within this. Microseconds.
    pub(crate) p50_us: f64,
    /// 99 of 100 came within this. Microseconds.
    pub(crate) p99_us: f64,
}

/// Who sends.
#[derive(Debug)]
pub(crate) enum Load {
    /// wrk on one thread: the least taken from the server's cores.
    Wrk(wrk::Wrk),
    /// Our own, for machines without wrk. It takes several times the time of wrk for a request, so throughputs come
    /// out lower and nearer to each other.
    Builtin,
}

impl Load {
    /// wrk if it is installed. `scratch` is a folder for its scripts.
    pub(crate) fn find(scratch: &Path) -> Result<Self> {
        Ok(wrk::Wrk::find(scratch)?.map_or(Self::Builtin, Self::Wrk))
    }

    /// For the report.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Wrk(_) => "wrk, one thread",
            Self::Builtin => "built in, one thread",
        }
    }

    /// Sends for so many seconds. Lets what was asked last be answered.
    pub(crate) fn run(&self, to: SocketAddr, plan: &Plan, connections: usize, seconds: u64) -> Result<Tally> {
        match self {
            Self::Wrk(wrk) => wrk.run(to, plan, connections, seconds),
            Self::Builtin => builtin::run(to, plan, connections, seconds),
        }
    }
}
