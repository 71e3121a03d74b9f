//! The ways from a caller to data. Each opens an [`Act`] on a connection of the right kind, identifies the caller
//! there, checks the right, and then runs the use case. Events are reported after the commit.

use rosterd_domain::audit::EventActor;
use rosterd_domain::json::JsonText;
use rosterd_domain::list::ListQuery;
use rosterd_domain::permissions::EffectivePermissions;
use rosterd_domain::user::CallerRow;
use rosterd_storage::{Db, Document, StoreError, UserInfoChunks};

use crate::act::Act;
use crate::actor::Actor;
use crate::app::App;
use crate::caller::Caller;
use crate::credential::Hold;
use crate::error::{AppError, AppResult};
use crate::event::Event;
use crate::record::{Record, Told};
use crate::request::Request;
use crate::rights;

impl App {
    /// The caller's row, found sufficient: all that an answer about the callers themselves needs.
    ///
    /// # Errors
    /// [`AppError::InvalidToken`] and its like for a caller who may not; those of the store.
    pub async fn me(&self, caller: Caller) -> AppResult<CallerRow> {
        self.read(caller, |act| act.me().cloned()).await
    }

    /// Runs one cheap statement, by a unique key, on behalf of a caller (`Store::read`).
    ///
    /// # Errors
    /// As [`App::me`], and whatever `work` fails with.
    pub async fn read<T, E>(
        &self,
        caller: Caller,
        work: impl FnOnce(&mut Act<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<StoreError> + Send + 'static,
    {
        let app = self.clone();
        self.store().read(move |db| app.run_read(db, &caller, work)).await
    }

    /// Runs a few point reads, each by a unique key, on behalf of a caller (`Store::snapshot`).
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn snapshot<T, E>(
        &self,
        caller: Caller,
        work: impl FnOnce(&mut Act<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<StoreError> + Send + 'static,
    {
        let app = self.clone();
        self.store().snapshot(move |db| app.run_read(db, &caller, work)).await
    }

    /// As [`App::snapshot`], for work over many rows: it runs where it cannot hold up point reads.
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn scan<T, E>(
        &self,
        caller: Caller,
        work: impl FnOnce(&mut Act<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<StoreError> + Send + 'static,
    {
        let app = self.clone();
        if self.store().scans_may_lag() {
            // A replica may not know yet that a right was taken away: who calls is asked where it is written.
            let actor = self.read(caller.clone(), |act| Ok::<_, E>(act.actor().clone())).await?;
            let work = move |db: &mut dyn Db| {
                let now = app.now();
                work(&mut Act::new(&app, db, actor, &caller, now))
            };
            return self.store().scan(work).await;
        }
        self.store().scan(move |db| app.run_read(db, &caller, work)).await
    }

    /// As [`App::scan`], for the page of a list (`Store::page`).
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn page<T, E>(
        &self,
        caller: Caller,
        query: &ListQuery,
        work: impl FnOnce(&mut Act<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<StoreError> + Send + 'static,
    {
        if self.store().scans_may_lag() {
            return self.scan(caller, work).await;
        }
        let app = self.clone();
        self.store().page(query, move |db| app.run_read(db, &caller, work)).await
    }

    /// One of the caller's documents, in one statement with the caller's row.
    ///
    /// # Errors
    /// As [`App::me`].
    pub async fn read_own(&self, caller: Caller, document: Document) -> AppResult<Option<JsonText>> {
        let (app, origin) = (self.clone(), caller.origin());
        let read = move |db: &mut dyn Db| {
            let (_me, stored) = caller.identify_with(&app, db, app.now(), document, Hold::Nothing)?;
            Ok(stored)
        };
        self.store().read_for(origin, read).await
    }

    /// The caller's settings, and the configured value at `house`, in one statement with the caller's row.
    ///
    /// # Errors
    /// As [`App::me`].
    pub async fn read_own_settings(
        &self,
        caller: Caller,
        house: &'static str,
    ) -> AppResult<(Option<JsonText>, Option<JsonText>)> {
        let (app, origin) = (self.clone(), caller.origin());
        let read = move |db: &mut dyn Db| caller.own_settings(&app, db, app.now(), house);
        self.store().read_for(origin, read).await
    }

    /// What the caller may do, in one statement with the caller's row. Admins get the same computation as everybody.
    ///
    /// # Errors
    /// As [`App::me`].
    pub async fn read_own_permissions(&self, caller: Caller) -> AppResult<EffectivePermissions> {
        let app = self.clone();
        let read = move |db: &mut dyn Db| {
            let sources = caller.own_rights(&app, db, app.now())?;
            Ok(rights::of_sources(&app, &sources))
        };
        self.store().read(read).await
    }

    /// Everybody in the narrow shape, chunk by chunk, for a caller who may see them.
    ///
    /// # Errors
    /// As [`App::me`].
    pub async fn stream_user_infos(&self, caller: Caller) -> AppResult<UserInfoChunks> {
        let app = self.clone();
        self.store()
            .stream_user_infos(move |db| app.run_read(db, &caller, |act| act.actor().ensure_admin()))
            .await
    }

    /// Runs one transaction on behalf of a caller: what was checked is what is written. An error rolls all of it back.
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn write<T, E>(
        &self,
        caller: Caller,
        work: impl FnOnce(&mut Act<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<StoreError> + Send + 'static,
    {
        self.write_much(caller, 0, work).await
    }

    /// As [`App::write`], for work that brings so many bytes to be stored.
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn write_much<T, E>(
        &self,
        caller: Caller,
        bytes: usize,
        work: impl FnOnce(&mut Act<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<StoreError> + Send + 'static,
    {
        let (app, origin) = (self.clone(), caller.origin().carrying(bytes));
        let write = move |db: &mut dyn Db| {
            let now = app.now();
            let actor = caller.identify(&app, db, now)?;
            let mut act = Act::new(&app, db, actor, &caller, now);
            let value = work(&mut act)?;
            Ok((value, Told::new(act.finish()?, app.listener())))
        };
        self.store().write_then(origin, write, |(_, told)| told.committed()).await.map(|(value, _told)| value)
    }

    /// As [`App::write`], for merging into one of the caller's documents: `work` gets it as it is stored, and the row is
    /// locked from the moment it is read. Of two updates at once, the later sees the earlier (rule S3). `bytes` is how
    /// many are to be merged.
    ///
    /// # Errors
    /// As [`App::read`].
    pub async fn update_own<T, E>(
        &self,
        caller: Caller,
        document: Document,
        bytes: usize,
        work: impl FnOnce(&mut Act<'_>, Option<JsonText>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<AppError> + From<StoreError> + Send + 'static,
    {
        let (app, origin) = (self.clone(), caller.origin().carrying(bytes));
        let write = move |db: &mut dyn Db| {
            let now = app.now();
            let (actor, stored) = caller.identify_with(&app, db, now, document, Hold::OwnRow)?;
            let mut act = Act::new(&app, db, actor, &caller, now);
            let value = work(&mut act, stored)?;
            Ok((value, Told::new(act.finish()?, app.listener())))
        };
        self.store().write_then(origin, write, |(_, told)| told.committed()).await.map(|(value, _told)| value)
    }

    /// Runs a read. What it tells has happened when it ends well. Where there is an audit log, a read tells nothing: it could
    /// not write it.
    fn run_read<T, E: From<AppError> + From<StoreError>>(
        &self,
        db: &mut dyn Db,
        caller: &Caller,
        work: impl FnOnce(&mut Act<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let now = self.now();
        let actor = caller.identify(self, db, now)?;
        let mut act = Act::new(self, db, actor, caller, now);
        let value = work(&mut act)?;
        let records = act.finish()?;
        if !records.is_empty() {
            Told::new(records, self.listener()).committed();
        }
        Ok(value)
    }

    /// Tells of something that a visitor did and that is no change of the database.
    pub(crate) fn tell_of_visitor(&self, request: &Request, event: Event) {
        let record = Record { event, at: self.now(), actor: Actor::Visitor, request: request.clone() };
        self.counted_events().count(&record.event, EventActor::visitor(), request);
        Told::new(vec![record], self.listener()).committed();
    }
}
