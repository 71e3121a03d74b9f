//! A load generator for machines without wrk: one thread, a task a connection.

use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, Method, StatusCode};
use tokio::task::LocalSet;

use super::{Plan, SERIAL, Tally};
use crate::Result;
use crate::figures::percentile;

pub(super) fn run(to: SocketAddr, plan: &Plan, connections: usize, seconds: u64) -> Result<Tally> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let client = Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(connections)
        .timeout(Duration::from_secs(30))
        .no_proxy()
        .build()?;
    let plan = Rc::new(plan.clone());
    let next = Rc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let end = began + Duration::from_secs(seconds);
    let tasks = LocalSet::new();
    let callers: Vec<_> = (0..connections)
        .map(|_| tasks.spawn_local(ask_until(end, to, client.clone(), Rc::clone(&plan), Rc::clone(&next))))
        .collect();
    let (mut latencies, mut errors) = (Vec::new(), 0);
    runtime.block_on(tasks.run_until(async {
        for caller in callers {
            let (seen, failed) = caller.await?;
            latencies.extend(seen);
            errors += failed;
        }
        Ok::<_, tokio::task::JoinError>(())
    }))?;
    latencies.sort_unstable();
    Ok(Tally {
        answers: latencies.len() as u64,
        errors,
        seconds: began.elapsed().as_secs_f64(),
        p50_us: f64::from(percentile(&latencies, 0.5)),
        p99_us: f64::from(percentile(&latencies, 0.99)),
    })
}

/// One connection's life: how long each answer took (microseconds), and how many were errors.
async fn ask_until(
    end: Instant,
    to: SocketAddr,
    client: Client,
    plan: Rc<Plan>,
    next: Rc<AtomicUsize>,
) -> (Vec<u32>, u64) {
    let (mut latencies, mut errors) = (Vec::new(), 0);
    while Instant::now() < end {
        let serial = next.fetch_add(1, Ordering::Relaxed);
        let request = &plan.0[serial % plan.0.len()];
        let method = if request.body.is_some() { Method::POST } else { Method::GET };
        let mut call = client.request(method, format!("http://{to}{}", request.path));
        if let Some(token) = &request.token {
            call = call.bearer_auth(token);
        }
        if let Some(body) = &request.body {
            let body = body.replace(SERIAL, &format!("{:08}", serial % 100_000_000));
            call = call.header("content-type", "application/json").body(body);
        }
        let began = Instant::now();
        let good = match call.send().await {
            Ok(answer) => {
                let status = answer.status();
                answer.bytes().await.is_ok() && status < StatusCode::BAD_REQUEST
            }
            Err(_broken) => false,
        };
        latencies.push(u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX));
        errors += u64::from(!good);
    }
    (latencies, errors)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn every_answer_is_counted_and_refusals_are_errors() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        // Ends with the test's process.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut answer = stream.try_clone().unwrap();
                    let mut good = false;
                    for line in BufReader::new(stream).lines().map_while(Result::ok) {
                        good |= line.starts_with("GET /good ");
                        if line.is_empty() {
                            let status = if good { "200 OK" } else { "503 Service Unavailable" };
                            write!(answer, "HTTP/1.1 {status}\r\ncontent-length: 2\r\n\r\nok").unwrap();
                            good = false;
                        }
                    }
                });
            }
        });
        let both = [Plan::get("/good", &["t".to_owned()]).0, Plan::get("/bad", &["t".to_owned()]).0].concat();
        let tally = run(address, &Plan(both), 1, 1).unwrap();
        assert!(tally.answers > 1 && tally.p50_us > 0.0);
        assert!(
            tally.errors.abs_diff(tally.answers - tally.errors) <= 1,
            "one connection takes turns: {tally:?}"
        );
    }
}
