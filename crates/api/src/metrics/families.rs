//! Numbers as Prometheus wants them: one family for each metric, one sample for each set of labels.

use prometheus::TextEncoder;
use prometheus::proto::{
    Bucket, Counter, Gauge, Histogram, LabelPair, Metric as Sample, MetricFamily, MetricType,
};
use rosterd_app::CountedDurations;

use super::table::{Kind, Metric};

/// Labels of a sample, with their values.
pub(super) type Labels<'a> = &'a [(&'static str, &'a str)];

/// Families that are being put together.
#[derive(Default)]
pub(super) struct Families(Vec<MetricFamily>);

impl Families {
    /// Adds a metric of these samples. One without samples is left out.
    pub(super) fn add(&mut self, metric: &Metric, samples: Vec<Sample>) {
        if samples.is_empty() {
            return;
        }
        let mut family = MetricFamily::default();
        family.set_name(metric.name.to_owned());
        family.set_help(metric.help.to_owned());
        family.set_field_type(match metric.kind {
            Kind::Counter => MetricType::COUNTER,
            Kind::Gauge => MetricType::GAUGE,
            Kind::Histogram => MetricType::HISTOGRAM,
        });
        family.set_metric(samples);
        self.0.push(family);
    }

    /// The text of them all.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Fails only for a family without samples or without a name.
        if let Err(error) = TextEncoder::new().encode_utf8(&self.0, &mut text) {
            tracing::error!(%error, "the metrics could not be written");
        }
        text
    }
}

/// A sample of a counter.
pub(super) fn counter(labels: Labels<'_>, value: f64) -> Sample {
    let mut counter = Counter::default();
    counter.set_value(value);
    let mut sample = labelled(labels);
    sample.set_counter(counter);
    sample
}

/// A sample of a gauge.
pub(super) fn gauge(labels: Labels<'_>, value: f64) -> Sample {
    let mut gauge = Gauge::default();
    gauge.set_value(value);
    let mut sample = labelled(labels);
    sample.set_gauge(gauge);
    sample
}

/// A sample of a histogram, in seconds.
pub(super) fn histogram(labels: Labels<'_>, durations: &CountedDurations) -> Sample {
    let buckets = durations.no_longer_than().map(|(bound, count)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(bound.as_secs_f64());
        bucket.set_cumulative_count(count);
        bucket
    });
    let mut histogram = Histogram::default();
    histogram.set_bucket(buckets.collect());
    histogram.set_sample_count(durations.count());
    histogram.set_sample_sum(durations.sum.as_secs_f64());
    let mut sample = labelled(labels);
    sample.set_histogram(histogram);
    sample
}

/// A count as Prometheus has it: a float, exact up to 2^53.
#[expect(clippy::cast_precision_loss, reason = "no count comes near 2^53")]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

fn labelled(labels: Labels<'_>) -> Sample {
    let pairs = labels.iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    });
    Sample::from_label(pairs.collect())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rosterd_app::Durations;

    use super::*;

    const COUNTER: Metric = Metric {
        name: "rosterd_things_total",
        kind: Kind::Counter,
        labels: &["kind"],
        help: "Things.\nAll.",
    };
    const HISTOGRAM: Metric =
        Metric { name: "rosterd_wait_seconds", kind: Kind::Histogram, labels: &[], help: "Waits." };
    const NEVER: Metric = Metric { name: "rosterd_never", kind: Kind::Gauge, labels: &[], help: "Never." };

    #[test]
    fn the_text_is_that_of_prometheus() {
        let durations = Durations::default();
        durations.note(Duration::from_millis(2));
        durations.note(Duration::from_mins(1));
        let mut families = Families::default();
        families.add(&COUNTER, vec![counter(&[("kind", "a\"b")], number(3))]);
        families.add(&HISTOGRAM, vec![histogram(&[], &durations.counted())]);
        families.add(&NEVER, vec![]);
        let text = families.text();
        let (begin, rest) = text.split_at(text.find("rosterd_wait_seconds_bucket{le=\"0.005\"}").unwrap());
        assert_eq!(
            begin,
            "# HELP rosterd_things_total Things.\\nAll.\n# TYPE rosterd_things_total counter\n\
             rosterd_things_total{kind=\"a\\\"b\"} 3\n\
             # HELP rosterd_wait_seconds Waits.\n# TYPE rosterd_wait_seconds histogram\n\
             rosterd_wait_seconds_bucket{le=\"0.0005\"} 0\nrosterd_wait_seconds_bucket{le=\"0.001\"} 0\n\
             rosterd_wait_seconds_bucket{le=\"0.0025\"} 1\n"
        );
        assert!(rest.ends_with(
            "rosterd_wait_seconds_bucket{le=\"10\"} 1\nrosterd_wait_seconds_bucket{le=\"+Inf\"} 2\n\
             rosterd_wait_seconds_sum 60.002\nrosterd_wait_seconds_count 2\n"
        ));
    }
}
