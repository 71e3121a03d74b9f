//! Metrics for Prometheus: what was counted since the start, and how things stand.
//!
//! Requests are counted here (`requests`), everything else by the layer where it happens, which knows nothing of
//! Prometheus. The text is put together when somebody asks. Labels have few values: never an id, an e-mail address or a
//! path as it was sent.
//!
//! To add a metric: a line in the `table`, its samples in `standing`, a row in docs/OPERATIONS.md.

mod families;
mod page;
mod requests;
mod standing;
mod table;

use std::sync::Arc;

use actix_web::http::Method;
use rosterd_app::App;
use rosterd_app::settings::MetricsPage;
use rosterd_storage::Ownership;

use families::{Families, counter, gauge, histogram, number};
pub use page::configure;
pub(crate) use page::get_metrics;
use requests::Requests;
pub(crate) use requests::{NO_ROUTE, Route, Routes};
pub use table::{ALL, Kind, Metric};

/// The metrics of a server. A clone shows the same ones.
#[derive(Clone)]
pub struct Metrics {
    app: App,
    /// `None` where nobody can ask: then they are not counted.
    requests: Option<Arc<Requests>>,
}

impl Metrics {
    /// The metrics of this application. Requests are counted unless they are [off](MetricsPage::Off).
    #[must_use]
    pub fn new(app: &App) -> Self {
        let requests = match app.settings().metrics {
            MetricsPage::Off => None,
            MetricsPage::Here(_) | MetricsPage::Apart(_) => Some(Arc::default()),
        };
        Self { app: app.clone(), requests }
    }

    /// Where a worker counts requests to these routes, each with the methods that it answers. Empty where they are not
    /// counted.
    pub(crate) fn of_worker(&self, routes: impl IntoIterator<Item = (&'static str, Vec<Method>)>) -> Routes {
        self.requests.as_ref().map(|requests| requests.of_worker(routes)).unwrap_or_default()
    }

    /// All of them, in Prometheus' text format, version 0.0.4.
    #[must_use]
    pub fn text(&self) -> String {
        let mut families = Families::default();
        self.add_build(&mut families);
        self.add_requests(&mut families);
        standing::add(&mut families, &self.app.metrics());
        families.text()
    }

    fn add_build(&self, families: &mut Families) {
        let layout = self.app.store().layout();
        let database = if self.app.store().is_sqlite() { "sqlite" } else { "postgresql" };
        let mode = match layout.ownership {
            Ownership::Standalone => "standalone",
            Ownership::Attached => "attached",
        };
        let version = self.app.settings().version.as_str();
        let labels = [("version", version), ("database", database), ("mode", mode)];
        families.add(&table::BUILD_INFO, vec![gauge(&labels, 1.0)]);
    }

    fn add_requests(&self, families: &mut Families) {
        let Some(requests) = &self.requests else { return };
        let (mut counts, mut durations) = (Vec::new(), Vec::new());
        for ((route, method), counted) in requests.counted() {
            let labels = [("route", route), ("method", method.as_str())];
            for (status, count) in counted.by_status() {
                let labels = [labels[0], labels[1], ("status", status.as_str())];
                counts.push(counter(&labels, number(count)));
            }
            durations.push(histogram(&labels, &counted.durations));
        }
        families.add(&table::REQUESTS, counts);
        families.add(&table::REQUEST_DURATION, durations);
    }
}
