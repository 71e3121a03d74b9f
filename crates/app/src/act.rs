//! A running use case: the database, the actor, the time and the request.
//!
//! Reads are free. The access for writes is handed out in exchange for the event that reports the change
//! ([`Act::change`]), so a change without an event does not compile. Where there is an audit log, the event is written in the
//! same transaction. Housekeeping has its own access
//! ([`Act::housekeeping`]).

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::user::CallerRow;
use rosterd_storage::{Db, Housekeeping, Reads, StoreResult, Writes};

use crate::actor::Actor;
use crate::app::App;
use crate::audit;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};
use crate::event::{Event, Outcome, Unchanged};
use crate::mail;
use crate::record::Record;
use crate::request::Request;

/// See the module.
pub struct Act<'a> {
    app: &'a App,
    db: &'a mut dyn Db,
    actor: Actor,
    caller: &'a Caller,
    now: UnixSeconds,
    events: Vec<Event>,
}

impl<'a> Act<'a> {
    pub(crate) fn new(
        app: &'a App,
        db: &'a mut dyn Db,
        actor: Actor,
        caller: &'a Caller,
        now: UnixSeconds,
    ) -> Self {
        Self { app, db, actor, caller, now, events: Vec::new() }
    }

    /// What all use cases share.
    #[must_use]
    pub fn app(&self) -> &'a App {
        self.app
    }

    /// The moment of this use case, seconds since the epoch.
    #[must_use]
    pub fn now(&self) -> UnixSeconds {
        self.now
    }

    /// What it is done for.
    pub(crate) fn request(&self) -> &'a Request {
        &self.caller.request
    }

    /// Who acts.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The acting account's row.
    ///
    /// # Errors
    /// See [`Actor::account`].
    pub fn me(&self) -> AppResult<&CallerRow> {
        self.actor.account()
    }

    /// Who this caller, who does not act, turns out to be; `None` where the credential does not hold or is not enough.
    /// Marks an account active (rule L4).
    ///
    /// # Errors
    /// Those of the store alone.
    pub fn recognize(&mut self, caller: &Caller) -> AppResult<Option<Actor>> {
        match caller.identify(self.app, self.db, self.now) {
            Ok(actor) => Ok(Some(actor)),
            Err(error @ AppError::Store(_)) => Err(error),
            Err(_not_enough) => Ok(None),
        }
    }

    /// What can be read.
    pub fn read(&mut self) -> &mut dyn Reads {
        self.db
    }

    /// What can be changed, in exchange for what is told of it.
    pub fn change(&mut self, event: Event) -> &mut dyn Writes {
        self.tell(event);
        self.db
    }

    /// The same where only the change shows what there is to tell, or why that is nothing.
    ///
    /// # Errors
    /// Those of `work`; then nothing is told.
    pub fn change_and_tell<T>(
        &mut self,
        work: impl FnOnce(&mut dyn Writes) -> StoreResult<(T, Outcome)>,
    ) -> StoreResult<T> {
        let (value, outcome) = work(self.db)?;
        match outcome {
            Outcome::Changed(event) => self.tell(event),
            Outcome::Unchanged(Unchanged::NothingThere | Unchanged::Same) | Outcome::ToldApart => {}
        }
        Ok(value)
    }

    /// Tells of something that is no change of the database. Like every event, it is written in this transaction where there is
    /// an audit log.
    pub fn tell(&mut self, event: Event) {
        if self.app.keeps_audit_log() {
            let (at, ids) = (self.app.now_millis(), self.app.event_ids());
            self.db.note_event(audit::row_of(&event, &self.actor, self.caller, at, ids));
        }
        self.events.push(event);
    }

    /// What the server keeps in order by itself, and nobody is told of.
    pub fn housekeeping(&mut self) -> &mut dyn Housekeeping {
        self.db
    }

    /// Writes the events into the audit log, where there is one, notes the mails that tell people of them, and gives what is to be told when this is committed. A use
    /// case whose events cannot be written has changed nothing.
    ///
    /// # Errors
    /// Those of the store.
    pub(crate) fn finish(self) -> StoreResult<Vec<Record>> {
        let Self { app, db, actor, caller, now, events } = self;
        if events.is_empty() {
            return Ok(Vec::new());
        }
        mail::note_for(app, db, &events, (&actor, &caller.request), now)?;
        db.write_noted_events()?;
        let record = |event| Record { event, at: now, actor: actor.clone(), request: caller.request.clone() };
        Ok(events.into_iter().map(record).collect())
    }
}
