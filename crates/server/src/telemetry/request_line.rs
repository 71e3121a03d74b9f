//! How a line of the log is put into text. There is one for every request, so those are written field by field, without
//! the general way's colours and buffers; the text is the same, which a test compares.

use std::cell::RefCell;
use std::fmt::{self, Debug, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::DateTime;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::REQUESTS;

/// The format of lines for people, without colours.
#[derive(Debug)]
pub(super) struct Plain {
    general: Format<Full, Clock>,
}

impl Default for Plain {
    fn default() -> Self {
        Self { general: Format::default().with_timer(Clock) }
    }
}

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let about = event.metadata();
        if about.target() != REQUESTS || writer.has_ansi_escapes() || context.event_scope().is_some() {
            return self.general.format_event(context, writer, event);
        }
        let mut line = LINE.take();
        line.clear();
        let outcome = push_request(&mut line, event);
        let outcome = outcome.and_then(|()| writer.write_str(&line));
        LINE.set(line);
        outcome
    }
}

/// The whole line.
fn push_request(line: &mut String, event: &Event<'_>) -> fmt::Result {
    let about = event.metadata();
    push_time(line)?;
    push_padded(line, about.level().as_str());
    line.push(' ');
    line.push_str(about.target());
    line.push(':');
    let mut fields = Fields { line, outcome: Ok(()) };
    event.record(&mut fields);
    fields.outcome?;
    line.push('\n');
    Ok(())
}

/// A level after a space, on the right of five columns.
fn push_padded(line: &mut String, level: &str) {
    line.push_str(&"      "[level.len().min(5)..]);
    line.push_str(level);
}

/// The fields of an event without a message: ` name=value` for each.
struct Fields<'a> {
    line: &'a mut String,
    outcome: fmt::Result,
}

impl Fields<'_> {
    fn begin(&mut self, field: &Field) {
        self.line.push(' ');
        self.line.push_str(field.name());
        self.line.push('=');
    }

    fn put(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        self.begin(field);
        self.outcome = self.outcome.and(self.line.write_fmt(value));
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        if value.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
            self.begin(field);
            self.line.push('"');
            self.line.push_str(value);
            self.line.push('"');
        } else {
            self.put(field, format_args!("{value:?}"));
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format_args!("{value:?}"));
    }
}

/// The time of a line, such as `2026-11-26T19:51:22.541654Z`.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Clock;

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let mut text = String::new();
        push_time(&mut text)?;
        writer.write_str(&text)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the log tells the machine's time, with its fraction of a second"
)]
fn push_time(line: &mut String) -> fmt::Result {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_before_1970| fmt::Error)?;
    SECOND.with_borrow_mut(|second| {
        if second.number != Some(now.as_secs()) {
            let moment = i64::try_from(now.as_secs()).ok().and_then(|secs| DateTime::from_timestamp(secs, 0));
            let moment = moment.ok_or(fmt::Error)?;
            second.text.clear();
            write!(second.text, "{}", moment.format("%Y-%m-%dT%H:%M:%S."))?;
            second.number = Some(now.as_secs());
        }
        line.push_str(&second.text);
        let micros = now.subsec_micros();
        for power in [100_000, 10_000, 1_000, 100, 10, 1] {
            line.extend(char::from_digit(micros / power % 10, 10));
        }
        line.push('Z');
        Ok(())
    })
}

/// The second of this thread's last line, since the next line is most often of the same.
#[derive(Default)]
struct Second {
    number: Option<u64>,
    text: String,
}

thread_local! {
    static SECOND: RefCell<Second> = RefCell::default();
    /// The line that is put together. A text of its own: each piece of it that goes through the writer is a call that the compiler
    /// cannot see through.
    static LINE: RefCell<String> = RefCell::default();
}
