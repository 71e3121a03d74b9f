//! What the other layers tell of themselves, as metrics.

use prometheus::proto::Metric as Sample;
use rosterd_app::jobs::{JobMetrics, RunResult};
use rosterd_app::mail::MailMetrics;
use rosterd_app::webhooks::{WebhookMetrics, WebhookStanding};
use rosterd_app::{AppMetrics, LaneMetrics};
use rosterd_domain::webhook::DisabledReason;
use rosterd_storage::{PoolMetrics, StoreMetrics, Unready};

use super::families::{Families, counter, gauge, histogram, number};
use super::table;

/// What the names of all threads begin with.
const THREADS: &str = "rosterd-";

/// Adds all that the application tells.
pub(super) fn add(families: &mut Families, metrics: &AppMetrics) {
    let sign_ins = metrics.sign_ins.iter().map(|(method, result, count)| {
        counter(&[("method", method.as_str()), ("result", result.as_str())], number(*count))
    });
    families.add(&table::SIGN_INS, sign_ins.collect());
    families.add(&table::ACTIVE_USERS, vec![gauge(&[], number(metrics.active_users))]);
    let lanes: Vec<_> = metrics.store.lanes.iter().chain(&metrics.lanes).collect();
    add_lanes(families, &lanes);
    add_pools(families, &metrics.store.pools);
    add_store(families, &metrics.store);
    add_jobs(families, &metrics.jobs);
    add_webhooks(families, &metrics.webhooks);
    add_mail(families, &metrics.mail);
}

fn add_lanes(families: &mut Families, lanes: &[&LaneMetrics]) {
    let each = |sample: fn(&[(&'static str, &str)], &LaneMetrics) -> Sample| {
        let named = |lane: &&LaneMetrics| {
            sample(&[("lane", lane.name.strip_prefix(THREADS).unwrap_or(&lane.name))], lane)
        };
        lanes.iter().map(named).collect::<Vec<_>>()
    };
    families.add(&table::LANE_THREADS, each(|labels, lane| gauge(labels, size(lane.threads))));
    families.add(&table::LANE_BUSY, each(|labels, lane| gauge(labels, size(lane.busy))));
    families.add(&table::LANE_HANGING, each(|labels, lane| gauge(labels, size(lane.hanging))));
    families.add(&table::LANE_WAITING, each(|labels, lane| gauge(labels, size(lane.waiting))));
    families.add(&table::LANE_ROOM, each(|labels, lane| gauge(labels, size(lane.room))));
    families.add(&table::LANE_WAIT, each(|labels, lane| histogram(labels, &lane.waits)));
    families.add(&table::LANE_WORKED, each(|labels, lane| counter(labels, lane.worked.as_secs_f64())));
    let refused = lanes.iter().flat_map(|lane| {
        let (name, refused) = (lane.name.strip_prefix(THREADS).unwrap_or(&lane.name), lane.refused);
        [
            ("full", refused.full),
            ("late", refused.late),
            ("overdue", refused.overdue),
            ("panicked", refused.panicked),
        ]
        .map(|(reason, count)| counter(&[("lane", name), ("reason", reason)], number(count)))
    });
    families.add(&table::LANE_REFUSED, refused.collect());
}

fn add_pools(families: &mut Families, pools: &[PoolMetrics]) {
    let each = |sample: fn(&[(&'static str, &str)], &PoolMetrics) -> Sample| {
        pools.iter().map(|pool| sample(&[("pool", pool.name)], pool)).collect::<Vec<_>>()
    };
    families.add(&table::POOL_OPEN, each(|labels, pool| gauge(labels, pool.open.into())));
    families.add(&table::POOL_IDLE, each(|labels, pool| gauge(labels, pool.idle.into())));
    families.add(&table::POOL_MOST, each(|labels, pool| gauge(labels, pool.most.into())));
    families.add(&table::POOL_FAILED, each(|labels, pool| counter(labels, number(pool.failed))));
}

fn add_store(families: &mut Families, store: &StoreMetrics) {
    if let Some(writer) = &store.writer {
        families.add(&table::WRITER_BATCH, vec![histogram(&[], &writer.batches)]);
        families.add(&table::WRITER_WRITES, vec![counter(&[], number(writer.writes))]);
        families.add(&table::WRITER_LOST, vec![counter(&[], number(writer.lost))]);
        families.add(&table::CHECKPOINT, vec![histogram(&[], &writer.checkpoints)]);
        families.add(&table::CHECKPOINTS_FAILED, vec![counter(&[], number(writer.failed_checkpoints))]);
    }
    families
        .add(&table::WAL_BYTES, store.log_bytes.map(|bytes| gauge(&[], number(bytes))).into_iter().collect());
    if let Some(readiness) = store.readiness {
        families.add(&table::READY, vec![gauge(&[], truth(readiness.is_ok()))]);
        let trouble = |kind: Unready| gauge(&[("kind", kind.as_str())], truth(readiness == Err(kind)));
        families.add(&table::TROUBLE, Unready::ALL.map(trouble).into());
    }
}

fn add_jobs(families: &mut Families, jobs: &[JobMetrics]) {
    let runs = jobs.iter().flat_map(|job| {
        let runs = RunResult::ALL.into_iter().zip(job.runs);
        runs.map(|(result, count)| {
            counter(&[("job_name", job.name), ("result", result.as_str())], number(count))
        })
    });
    families.add(&table::JOB_RUNS, runs.collect());
    let at = |when: fn(&JobMetrics) -> Option<i64>| {
        let known = |job: &JobMetrics| when(job).map(|at| gauge(&[("job_name", job.name)], whole(at)));
        jobs.iter().filter_map(known).collect::<Vec<_>>()
    };
    families.add(&table::JOB_LAST_RUN, at(|job| job.last_run));
    families.add(&table::JOB_LAST_SUCCESS, at(|job| job.last_success));
    let lags = jobs.iter().map(|job| gauge(&[("job_name", job.name)], job.lag.as_secs_f64()));
    families.add(&table::JOB_LAG, lags.collect());
}

fn add_webhooks(families: &mut Families, webhooks: &WebhookMetrics) {
    let attempts = webhooks.attempts.iter();
    let attempts = attempts.map(|(result, count)| counter(&[("result", result.as_str())], number(*count)));
    families.add(&table::WEBHOOK_ATTEMPTS, attempts.collect());
    families.add(&table::WEBHOOK_DURATION, vec![histogram(&[], &webhooks.durations)]);
    let states = webhooks.standing.iter().flat_map(|webhook| {
        let all = std::iter::once(None).chain(DisabledReason::ALL.map(Some));
        all.map(|state| {
            let name = state.map_or("on", DisabledReason::as_str);
            gauge(&[("webhook", webhook.id.as_str()), ("state", name)], truth(webhook.disabled == state))
        })
    });
    families.add(&table::WEBHOOK_STATE, states.collect());
    let each = |value: fn(&WebhookStanding) -> i64| {
        let sample = |one: &WebhookStanding| gauge(&[("webhook", one.id.as_str())], whole(value(one)));
        webhooks.standing.iter().map(sample).collect::<Vec<_>>()
    };
    families.add(&table::WEBHOOK_WAITING, each(|webhook| webhook.waiting));
    families.add(&table::WEBHOOK_OLDEST, each(|webhook| webhook.oldest_waiting));
}

fn add_mail(families: &mut Families, mail: &MailMetrics) {
    let attempts = mail.attempts.iter();
    let attempts = attempts.map(|(result, count)| counter(&[("result", result.as_str())], number(*count)));
    families.add(&table::MAIL_ATTEMPTS, attempts.collect());
    if let Some(waiting) = mail.waiting {
        families.add(&table::MAIL_WAITING, vec![gauge(&[], whole(waiting))]);
        families.add(&table::MAIL_OLDEST, vec![gauge(&[], whole(mail.oldest_waiting))]);
    }
}

fn truth(is: bool) -> f64 {
    if is { 1.0 } else { 0.0 }
}

fn size(count: usize) -> f64 {
    number(count.try_into().unwrap_or(u64::MAX))
}

#[expect(clippy::cast_precision_loss, reason = "no time and no count comes near 2^53")]
fn whole(number: i64) -> f64 {
    number as f64
}
