use std::io::{self, Write as _};
use std::sync::{Arc, Mutex};
use std::thread;

use tracing::callsite::{DefaultCallsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::with_default;
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Format;

use super::REQUESTS;
use super::gathered::{Gathered, Sink};
use super::request_line::{Clock, Plain};

#[derive(Debug, Default)]
struct Kept(Mutex<Vec<u8>>);

impl Kept {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Sink for Kept {
    fn write(&self, lines: &[u8]) -> io::Result<()> {
        self.0.lock().unwrap().extend_from_slice(lines);
        Ok(())
    }
}

struct Pen(Arc<Kept>);

impl io::Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Sink::write(&*self.0, bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn tell() {
    tracing::info!(
        target: "rosterd::request",
        method = "GET",
        route = "/api/v1/users/{id}",
        status = 200,
        duration_us = u64::MAX,
        user.id = "a \"quoted\" \\ id\u{1b}[31m ü",
        client.ip = tracing::field::display("127.0.0.1"),
        share = 0.5,
        is_own = true,
    );
    tracing::info!(target: "rosterd::request", user = "");
    let span = tracing::info_span!("request", id = 7);
    span.in_scope(|| tracing::info!(target: "rosterd::request", status = 500));
    tracing::warn!(target: "rosterd::failure", status = 503, "request failed: {}", "busy");
}

#[test]
fn a_request_is_told_in_the_general_form() {
    let told = |format: bool| {
        let kept = Arc::new(Kept::default());
        let pen = Arc::clone(&kept);
        let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(move || Pen(Arc::clone(&pen)));
        if format {
            with_default(lines.event_format(Plain::default()).finish(), tell);
        } else {
            with_default(lines.event_format(Format::default().with_timer(Clock)).finish(), tell);
        }
        kept.text()
    };
    let without_time = |text: &str| -> Vec<String> {
        let lines = text.lines().map(|line| line.split_once(' ').unwrap());
        lines
            .map(|(time, line)| {
                assert!(time.parse::<chrono::DateTime<chrono::Utc>>().is_ok() && time.len() == 27, "{time}");
                line.to_owned()
            })
            .collect()
    };
    let ours = without_time(&told(true));
    assert_eq!(ours, without_time(&told(false)));
    assert_eq!(ours.len(), 4);
    assert!(ours[0].starts_with(" INFO rosterd::request: method=\"GET\" route="), "{}", ours[0]);
}

/// What a line of a request is told by.
fn of_request() -> &'static Metadata<'static> {
    static CALLSITE: DefaultCallsite = DefaultCallsite::new(&METADATA);
    static METADATA: Metadata<'static> = Metadata::new(
        "request",
        REQUESTS,
        Level::INFO,
        None,
        None,
        None,
        FieldSet::new(&[], Identifier(&CALLSITE)),
        Kind::EVENT,
    );
    &METADATA
}

#[test]
fn what_waits_is_written_before_a_line_that_does_not_and_at_the_end() {
    let kept = Arc::new(Kept::default());
    let (lines, remaining) = Gathered::start(Arc::clone(&kept)).unwrap();
    for number in 0..100 {
        lines.make_writer_for(of_request()).write_all(format!("{number}\n").as_bytes()).unwrap();
    }
    lines.make_writer().write_all(b"now\n").unwrap();
    let text = kept.text();
    let told: Vec<_> = text.lines().map(|line| line.parse::<u32>().ok()).collect();
    assert_eq!(told, (0..100).map(Some).chain([None]).collect::<Vec<_>>());

    let writers: Vec<_> = (0..4)
        .map(|_| {
            let lines = lines.clone();
            thread::spawn(move || {
                for number in 0..5_000 {
                    let line = format!("{number:01000}\n");
                    lines.make_writer_for(of_request()).write_all(line.as_bytes()).unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.join().unwrap();
    }
    drop(remaining);
    let text = kept.text();
    let numbers: Vec<usize> = text.lines().skip(101).map(|line| line.parse().unwrap()).collect();
    assert_eq!(numbers.len(), 20_000);
    assert_eq!(numbers.iter().sum::<usize>(), 4 * 5_000 * 4_999 / 2);
}
