//! The queue of the writer, separated into large and other writes.

use std::collections::VecDeque;
use std::time::Instant;

use crossbeam_channel::{Receiver, RecvTimeoutError, TryRecvError};

use super::shares::{Next, Shares};
use super::{BATCH, Job};
use crate::StoreOptions;
use crate::turns::Turns;

/// Those that wait, as the thread sees them.
pub(super) struct Line {
    jobs: Receiver<Job>,
    /// Taken from the queue, in their order.
    ordinary: VecDeque<Job>,
    large: VecDeque<Job>,
    /// How many large ones may wait here, beside those in the queue.
    most: usize,
    pub(super) shares: Shares,
}

impl Line {
    /// Those that come by this queue.
    pub(super) fn new(jobs: Receiver<Job>, options: &StoreOptions) -> Self {
        let most = options.queue.max(1);
        // Half of the time that a write may wait: whoever waits for the share of the large ones gets it in time.
        let shares = Shares::new(options.wait / 2);
        Self { jobs, ordinary: VecDeque::new(), large: VecDeque::new(), most, shares }
    }

    /// The next batch, waited for; nothing when the queue is shut and has run dry.
    pub(super) fn next(&mut self, turns: &Turns) -> Option<VecDeque<Job>> {
        loop {
            let shut = self.take_in(turns);
            if shut {
                // Nothing more comes: what waits is written without regard to anybody.
                self.ordinary.append(&mut self.large);
                let batch = std::mem::take(&mut self.ordinary);
                return Some(batch).filter(|batch| !batch.is_empty());
            }
            match self.shares.next(Instant::now(), !self.ordinary.is_empty(), !self.large.is_empty()) {
                Next::Ordinary => return Some(std::mem::take(&mut self.ordinary)),
                Next::Large => return self.large.pop_front().map(|job| VecDeque::from([job])),
                Next::Wait(until) => self.wait(until, turns),
            }
        }
    }

    /// Takes what waits in the queue, a batch at most; gives whether the queue is shut and has run dry.
    fn take_in(&mut self, turns: &Turns) -> bool {
        while self.ordinary.len() < BATCH {
            match self.jobs.try_recv() {
                Ok(job) => self.sort(job, turns),
                Err(TryRecvError::Empty) => return false,
                Err(TryRecvError::Disconnected) => return true,
            }
        }
        false
    }

    /// Waits for one more.
    fn wait(&mut self, until: Option<Instant>, turns: &Turns) {
        let received = match until {
            None => self.jobs.recv().map_err(|_shut| RecvTimeoutError::Disconnected),
            Some(until) => self.jobs.recv_deadline(until),
        };
        // That the queue is shut is seen when it is looked into next.
        if let Ok(job) = received {
            self.sort(job, turns);
        }
    }

    fn sort(&mut self, job: Job, turns: &Turns) {
        if !turns.is_large(job.origin) {
            self.ordinary.push_back(job);
            return;
        }
        // Those whose callers gave up hold their megabytes for nobody.
        self.large.retain(|job| job.ticket.is_waiting());
        // A job that is dropped tells its caller by that.
        if self.large.len() < self.most {
            self.large.push_back(job);
        }
    }

    /// Puts back what a batch has left, before everything that came later.
    pub(super) fn put_back(&mut self, left: VecDeque<Job>, turns: &Turns) {
        let later = std::mem::replace(&mut self.ordinary, VecDeque::with_capacity(left.len()));
        for job in left {
            self.sort(job, turns);
        }
        self.ordinary.extend(later);
    }
}
