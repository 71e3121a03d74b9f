//! The threads of a lane, and the substitutes for those that hang.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crossbeam_channel::Receiver;

use crate::remaining::Remaining;
use crate::{Job, LaneCounts, LaneError, LaneMetrics, Ticket};

/// The threads of one lane. They end when its queue is gone and has run dry.
#[derive(Debug)]
pub(crate) struct Crew {
    name: String,
    size: usize,
    jobs: Receiver<Job>,
    threads: Remaining,
    roll: Mutex<Roll>,
    counts: LaneCounts,
}

/// Who is doing what.
#[derive(Debug, Default)]
struct Roll {
    /// Work under way that has a limit.
    running: Vec<Arc<Ticket>>,
    /// Threads whose work was given up and that have not come back from it.
    hanging: usize,
    /// Threads beyond the crew's size.
    substitutes: usize,
}

impl Crew {
    /// Starts `size` threads.
    ///
    /// # Errors
    /// The operating system's, when it gives no thread.
    pub(super) fn start(name: &str, size: usize, jobs: Receiver<Job>) -> std::io::Result<Arc<Self>> {
        let crew = Arc::new(Self {
            name: name.to_owned(),
            size,
            jobs,
            threads: Remaining::default(),
            roll: Mutex::default(),
            counts: LaneCounts::default(),
        });
        for _ in 0..size {
            crew.hire()?;
        }
        Ok(crew)
    }

    /// How the lane stands, where so many jobs wait and so many may.
    pub(super) fn metrics(&self, waiting: usize, room: usize) -> LaneMetrics {
        let hanging = self.roll().hanging;
        self.counts.counted(&self.name, self.size, hanging, waiting, room)
    }

    /// Counts a job that got no answer.
    pub(super) fn refused(&self, why: LaneError) {
        self.counts.refused(why);
    }

    /// Whether jobs wait for a thread.
    pub(super) fn has_waiting(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// Waits until all threads have ended; `false` when some have not at that moment.
    pub(super) fn none_by(&self, until: Instant) -> bool {
        self.threads.none_by(until)
    }

    /// Gives up this work, and sees to it that others get a thread; `false` when it is done.
    pub(crate) fn overdue(self: &Arc<Self>, ticket: &Ticket) -> bool {
        self.give_up(&mut self.roll(), ticket)
    }

    /// Gives up all work that should be done by now: whoever waited for it may have gone away.
    pub(super) fn relieve(self: &Arc<Self>) {
        let mut roll = self.roll();
        let stuck: Vec<_> = roll.running.iter().filter(|ticket| ticket.is_stuck()).map(Arc::clone).collect();
        for ticket in stuck {
            self.give_up(&mut roll, &ticket);
        }
    }

    fn give_up(self: &Arc<Self>, roll: &mut Roll, ticket: &Ticket) -> bool {
        if !ticket.overdue() {
            return false;
        }
        roll.hanging += 1;
        tracing::warn!(
            lane = self.name,
            hanging = roll.hanging,
            "a job took too long; its thread is replaced"
        );
        if roll.substitutes < roll.hanging.min(self.size) {
            match self.hire() {
                Ok(()) => roll.substitutes += 1,
                Err(error) => {
                    tracing::error!(lane = self.name, %error, "no substitute thread could be started");
                }
            }
        }
        true
    }

    fn hire(self: &Arc<Self>) -> std::io::Result<()> {
        let (crew, here) = (Arc::clone(self), self.threads.add());
        let life = move || {
            let _here = here;
            crew.work_off();
        };
        std::thread::Builder::new().name(self.name.clone()).spawn(life).map(drop)
    }

    /// One thread's life: until the lane is gone and the queue is empty, or until it is one too many.
    fn work_off(&self) {
        for Job { ticket, work } in &self.jobs {
            if !ticket.take_up() {
                continue;
            }
            let began = Instant::now();
            self.counts.waited(began.saturating_duration_since(ticket.made()));
            self.counts.begins();
            let limited = ticket.is_limited();
            if limited {
                self.roll().running.push(Arc::clone(&ticket));
            }
            if catch_unwind(AssertUnwindSafe(|| work(&ticket))).is_err() {
                tracing::error!("a job panicked");
            }
            self.counts.ends(began.elapsed());
            let in_time = ticket.end();
            if limited && self.is_one_too_many(&ticket, in_time) {
                return;
            }
        }
    }

    /// Whether this thread, back from its work, is not needed any more.
    fn is_one_too_many(&self, ticket: &Arc<Ticket>, in_time: bool) -> bool {
        let mut roll = self.roll();
        roll.running.retain(|other| !Arc::ptr_eq(other, ticket));
        if !in_time {
            roll.hanging -= 1;
        }
        let leaves = roll.substitutes > roll.hanging;
        if leaves {
            roll.substitutes -= 1;
        }
        leaves
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        self.roll.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
