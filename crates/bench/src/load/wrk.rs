//! wrk, told by a Lua script what to send and how to say what it saw.

use std::fmt::Write as _;
use std::fs;
use std::hash::{BuildHasher as _, RandomState};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Plan, SERIAL, Tally};
use crate::Result;

/// What our script prints before the figures.
const MARK: &str = "rosterd-bench:";

/// Requests are written once, at the start; while measuring, Lua only picks one and fills in its number.
const SCRIPT: &str = r#"
local sent, texts, at = 0, {}, 0
function init(args)
  for i, plan in ipairs(plans) do
    local headers = {}
    if plan.token then headers["Authorization"] = "Bearer " .. plan.token end
    if plan.body then headers["Content-Type"] = "application/json" end
    local text = wrk.format(plan.body and "POST" or "GET", plan.path, headers, plan.body)
    local from, to = text:find(serial, 1, true)
    texts[i] = from and { text:sub(1, from - 1), text:sub(to + 1) } or text
  end
end
function request()
  at = at % #texts + 1
  local text = texts[at]
  if type(text) == "string" then return text end
  sent = sent + 1
  return text[1] .. string.format("%08d", (start + sent) % 100000000) .. text[2]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format("rosterd-bench: %d %d %d %d %d\n", summary.requests,
    e.connect + e.read + e.write + e.status, summary.duration, latency:percentile(50), latency:percentile(99)))
end
"#;

/// An installed wrk and a folder for scripts.
#[derive(Debug)]
pub(crate) struct Wrk {
    scratch: PathBuf,
}

impl Wrk {
    /// `None` when it is not installed.
    pub(super) fn find(scratch: &Path) -> Result<Option<Self>> {
        // `wrk -v` prints its version and ends with 1; only a program that is not there cannot be run.
        let found =
            Command::new("wrk").arg("-v").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
        fs::create_dir_all(scratch)?;
        Ok(found.then(|| Self { scratch: scratch.to_owned() }))
    }

    pub(super) fn run(&self, to: SocketAddr, plan: &Plan, connections: usize, seconds: u64) -> Result<Tally> {
        // Several may run at once.
        let script = self.scratch.join(format!("plan-{}.lua", first_number()));
        fs::write(&script, self::script(plan))?;
        let output = Command::new("wrk")
            .args(["--threads", "1", "--timeout", "30s", "--latency"])
            .args(["--connections", &connections.to_string(), "--duration", &format!("{seconds}s")])
            .arg("--script")
            .arg(&script)
            .arg(format!("http://{to}/"))
            .output()?;
        fs::remove_file(&script)?;
        let said = String::from_utf8_lossy(&output.stdout);
        parse(&said).ok_or_else(|| {
            format!("wrk gave no figures; it said: {said}{}", String::from_utf8_lossy(&output.stderr)).into()
        })
    }
}

/// The plan as Lua tables, and what to do with them.
fn script(plan: &Plan) -> String {
    let mut lua = format!("local serial, start, plans = {}, {}, {{\n", quoted(SERIAL), first_number());
    for request in &plan.0 {
        lua.push_str("{ path = ");
        lua.push_str(&quoted(&request.path));
        for (name, value) in [("token", &request.token), ("body", &request.body)] {
            if let Some(value) = value {
                lua.push_str(", ");
                lua.push_str(name);
                lua.push_str(" = ");
                lua.push_str(&quoted(value));
            }
        }
        lua.push_str(" },\n");
    }
    lua.push_str("}\n");
    lua.push_str(SCRIPT);
    lua
}

/// Another start for each run: the same numbers in the same order would be the same bytes again.
fn first_number() -> u64 {
    RandomState::new().hash_one(0) % 100_000_000
}

/// A Lua string. Everything but plain characters as a decimal escape, which Lua takes for any byte.
fn quoted(text: &str) -> String {
    let mut lua = String::from("\"");
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'"' && byte != b'\\' || byte == b' ' {
            lua.push(char::from(byte));
        } else {
            let _writing_to_a_string_cannot_fail = write!(lua, "\\{byte:03}");
        }
    }
    lua.push('"');
    lua
}

fn parse(said: &str) -> Option<Tally> {
    let line = said.lines().find_map(|line| line.strip_prefix(MARK))?;
    let figures: Vec<f64> = line.split_ascii_whitespace().filter_map(|text| text.parse().ok()).collect();
    let [answers, errors, duration_us, p50_us, p99_us] = figures[..] else { return None };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "wrk prints counts")]
    let (answers, errors) = (answers as u64, errors as u64);
    Some(Tally { answers, errors, seconds: duration_us / 1e6, p50_us, p99_us })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_figures_is_found_among_what_wrk_says() {
        let said = "Running 1s test\n  4 requests\nrosterd-bench: 4000 2 2000000 250 900\n";
        let wanted = Tally { answers: 4000, errors: 2, seconds: 2.0, p50_us: 250.0, p99_us: 900.0 };
        assert_eq!(parse(said), Some(wanted));
        assert_eq!(parse("unable to connect"), None);
    }

    #[test]
    fn any_text_becomes_one_lua_string() {
        assert_eq!(quoted("a b"), r#""a b""#);
        assert_eq!(quoted("\"\\\né"), r#""\034\092\010\195\169""#);
    }

    #[test]
    fn a_plan_names_token_and_body_only_where_there_are_some() {
        let plan = Plan::get("/a", &["t".to_owned()]);
        assert!(script(&plan).contains(r#"{ path = "/a", token = "t" },"#));
        let plan = Plan::post("/a", &["t".to_owned()], "{}");
        assert!(script(&plan).contains(r#"{ path = "/a", token = "t", body = "{}" },"#));
    }
}
