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
        Clock.format_time(&mut writer)?;
        write!(writer, " {:>5} {}:", about.level().as_str(), about.target())?;
        let mut fields = Fields { writer, outcome: Ok(()) };
        event.record(&mut fields);
        fields.outcome?;
        writeln!(fields.writer)
    }
}

/// The fields of an event without a message: ` name=value` for each.
struct Fields<'a> {
    writer: Writer<'a>,
    outcome: fmt::Result,
}

impl Fields<'_> {
    fn add(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        let Self { writer, outcome } = self;
        let put = |writer: &mut Writer<'_>| {
            writer.write_char(' ')?;
            writer.write_str(field.name())?;
            writer.write_char('=')?;
            value(writer)
        };
        *outcome = outcome.and_then(|()| put(writer));
    }
}

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.add(field, |writer| {
            if value.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')) {
                writer.write_char('"')?;
                writer.write_str(value)?;
                writer.write_char('"')
            } else {
                write!(writer, "{value:?}")
            }
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.add(field, |writer| write!(writer, "{value:?}"));
    }
}

/// The time of a line, such as `2026-11-26T19:51:22.541654Z`.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Clock;

impl FormatTime for Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the log tells the machine's time, with its fraction of a second"
    )]
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_err(|_before_1970| fmt::Error)?;
        SECOND.with_borrow_mut(|second| {
            if second.number != Some(now.as_secs()) {
                let moment =
                    i64::try_from(now.as_secs()).ok().and_then(|secs| DateTime::from_timestamp(secs, 0));
                let moment = moment.ok_or(fmt::Error)?;
                second.text.clear();
                write!(second.text, "{}", moment.format("%Y-%m-%dT%H:%M:%S"))?;
                second.number = Some(now.as_secs());
            }
            writer.write_str(&second.text)?;
            write!(writer, ".{:06}Z", now.subsec_micros())
        })
    }
}

/// The second of this thread's last line, since the next line is most often of the same.
#[derive(Default)]
struct Second {
    number: Option<u64>,
    text: String,
}

thread_local! {
    static SECOND: RefCell<Second> = RefCell::default();
}
