//! Writing the tables `rosterd_event` and `rosterd_seal`.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Nullable, Text};
use rosterd_domain::audit::{Chain, ChainState, EventRow, EventSubject, Label, NewEvent, seal_next};
use rosterd_domain::clock::UnixMillis;

use super::Queries;
use super::dialect::{self, Backend};
use crate::fragments::Statement;
use crate::schema::{events, groups, users};
use crate::types::{LossyText, StoredTime, text, time};
use crate::{AuditUpkeep, EventWrites, Events as _, SealedEvent, StoreResult};

/// Events in one statement at most.
const TOGETHER: usize = 50;

const INTO: &str = "INSERT INTO rosterd_event (id, at, action, actor_kind, actor_id, actor_via, actor_credential, \
                    client_ip, request_id, subject_kind, subject_id, subject_label, details, count, salt) VALUES (";

/// A row as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = events)]
pub(super) struct EventColumns {
    id: LossyText,
    at: StoredTime,
    action: LossyText,
    actor_kind: LossyText,
    actor_id: Option<LossyText>,
    actor_via: Option<LossyText>,
    actor_credential: Option<LossyText>,
    client_ip: Option<LossyText>,
    request_id: Option<LossyText>,
    subject_kind: Option<LossyText>,
    subject_id: Option<LossyText>,
    subject_label: Option<LossyText>,
    details: Option<LossyText>,
    count: Option<StoredTime>,
    salt: LossyText,
    erased: bool,
    position: Option<StoredTime>,
    seal: Option<LossyText>,
}

impl From<EventColumns> for EventRow {
    fn from(row: EventColumns) -> Self {
        Self {
            id: row.id.into(),
            at: row.at.into(),
            action: row.action.into(),
            actor_kind: row.actor_kind.into(),
            actor_id: text(row.actor_id),
            actor_via: text(row.actor_via),
            actor_credential: text(row.actor_credential),
            client_ip: text(row.client_ip),
            request_id: text(row.request_id),
            subject_kind: text(row.subject_kind),
            subject_id: text(row.subject_id),
            subject_label: text(row.subject_label),
            details: text(row.details),
            count: time(row.count),
            salt: row.salt.into(),
            erased: row.erased,
            position: time(row.position),
            seal: text(row.seal),
        }
    }
}

/// The statement that writes these events, of which there is at least one.
pub(super) fn insertion(events: &[NewEvent]) -> Statement<'_> {
    let mut statement = Statement::new(INTO);
    for (n, event) in events.iter().enumerate() {
        let begun = if n == 0 { statement } else { statement.sql(", (") };
        statement = values(begun, event).sql(")");
    }
    statement
}

fn values<'a>(begun: Statement<'a>, event: &'a NewEvent) -> Statement<'a> {
    let NewEvent { id, at, action, actor, client_ip, request_id, subject, details, count, salt } = event;
    let begun = begun.text(id).sql(", ").number(*at).sql(", ").text(action).sql(", ").text(actor.kind);
    let begun = maybe(begun, actor.id.as_deref());
    let begun = maybe(maybe(begun, actor.via), actor.credential.as_deref());
    let begun = maybe(maybe(begun, client_ip.as_deref()), request_id.as_deref());
    let begun = label(maybe(maybe(begun, subject.kind), subject.id.as_deref()), subject);
    let begun = maybe(begun, details.as_deref());
    let begun = match count {
        Some(count) => begun.sql(", ").number(*count),
        None => begun.sql(", NULL"),
    };
    begun.sql(", ").text(salt)
}

/// NULL is part of the statement: a few statements are used again and again.
fn maybe<'a>(begun: Statement<'a>, text: Option<&'a str>) -> Statement<'a> {
    match text {
        Some(text) => begun.sql(", ").text(text),
        None => begun.sql(", NULL"),
    }
}

fn label<'a>(begun: Statement<'a>, subject: &'a EventSubject) -> Statement<'a> {
    let stored = match (&subject.label, subject.kind) {
        (Label::Of(label), _) => return begun.sql(", ").text(label),
        (Label::Stored, Some("user")) => ", CAST((SELECT name FROM \"user\" WHERE id = ",
        (Label::Stored, Some("group")) => ", CAST((SELECT name FROM \"group\" WHERE id = ",
        (Label::Stored | Label::None, _) => return begun.sql(", NULL"),
    };
    begun.sql(stored).text(subject.id.as_deref().unwrap_or_default()).sql(") AS TEXT)")
}

/// One event whose label is known: most are. It has one text, which the type names, so that it is found among the prepared
/// statements without being put together first.
#[derive(Debug)]
pub(super) struct OneEvent(EventRow);

impl OneEvent {
    /// The one event of these, if its label is known; else all of them again.
    pub(super) fn of(mut events: Vec<NewEvent>) -> Result<Self, Vec<NewEvent>> {
        let Some(event) = events.pop_if(|event| event.subject.label != Label::Stored) else {
            return Err(events);
        };
        if !events.is_empty() {
            events.push(event);
            return Err(events);
        }
        Ok(Self::named(event, None))
    }

    /// An event; `stored` is the label of one that does not have its own.
    fn named(mut event: NewEvent, stored: Option<String>) -> Self {
        let label = match std::mem::take(&mut event.subject.label) {
            Label::Of(label) => Some(label),
            Label::Stored => stored,
            Label::None => None,
        };
        Self(event.into_row(label))
    }
}

impl QueryId for OneEvent {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl QueryFragment<Backend> for OneEvent {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        let row = &self.0;
        out.push_sql(
            "INSERT INTO rosterd_event (id, at, action, actor_kind, salt, actor_id, actor_via, actor_credential, client_ip, \
             request_id, subject_kind, subject_id, subject_label, details, seal, count, position) VALUES (",
        );
        out.push_bind_param::<Text, _>(&row.id)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&row.at)?;
        for text in [&row.action, &row.actor_kind, &row.salt] {
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(text)?;
        }
        for text in [
            &row.actor_id,
            &row.actor_via,
            &row.actor_credential,
            &row.client_ip,
            &row.request_id,
            &row.subject_kind,
            &row.subject_id,
            &row.subject_label,
            &row.details,
            &row.seal,
        ] {
            out.push_sql(", ");
            out.push_bind_param::<Nullable<Text>, _>(text)?;
        }
        for number in [&row.count, &row.position] {
            out.push_sql(", ");
            out.push_bind_param::<Nullable<BigInt>, _>(number)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl RunQueryDsl<dialect::Raw> for OneEvent {}

impl EventWrites for Queries<'_> {
    fn note_event(&mut self, event: NewEvent) {
        self.noted.push(event);
    }

    fn write_noted_events(&mut self) -> StoreResult<()> {
        let noted = std::mem::take(&mut self.noted);
        if dialect::seals_at_once(&self.seals) {
            return noted.into_iter().try_for_each(|event| self.write_sealed(event));
        }
        match OneEvent::of(noted) {
            Ok(one) => {
                one.execute(self.conn)?;
            }
            Err(noted) => {
                for events in noted.chunks(TOGETHER) {
                    insertion(events).execute(self.conn)?;
                }
            }
        }
        Ok(())
    }
}

impl Queries<'_> {
    /// Writes an event with its place and its seal, in the one transaction that writes now.
    fn write_sealed(&mut self, event: NewEvent) -> StoreResult<()> {
        let stored = match (&event.subject.label, event.subject.kind, &event.subject.id) {
            (Label::Stored, Some("user"), Some(id)) => {
                users::table.find(id).select(users::name).first::<LossyText>(self.conn).optional()?
            }
            (Label::Stored, Some("group"), Some(id)) => {
                let name = groups::table.find(id).select(groups::name).first::<Option<LossyText>>(self.conn);
                name.optional()?.flatten()
            }
            _ => None,
        };
        let mut ends = self.find_chains()?;
        let mut one = OneEvent::named(event, text(stored));
        seal_next(&mut ends, &mut one.0);
        one.execute(self.conn)?;
        self.write_chains(ends)
    }
}

/// Events of this chain.
macro_rules! of_chain {
    ($query:expr, $chain:expr) => {
        match $chain {
            Chain::Passing => $query.filter(events::action.eq_any(Chain::PASSING)),
            Chain::Lasting => $query.filter(events::action.ne_all(Chain::PASSING)),
        }
    };
}

impl AuditUpkeep for Queries<'_> {
    fn count_event(&mut self, event: &NewEvent) -> StoreResult<bool> {
        let written = insertion(std::slice::from_ref(event))
            .sql(
                " ON CONFLICT (id) DO UPDATE SET count = rosterd_event.count + excluded.count \
                 WHERE rosterd_event.position IS NULL",
            )
            .execute(self.conn)?;
        Ok(written > 0)
    }

    fn list_unsealed_events(&mut self, counted_before: UnixMillis, limit: i64) -> StoreResult<Vec<EventRow>> {
        let ready = events::count.is_null().or(events::at.lt(counted_before));
        let asked = events::table.filter(events::position.is_null()).filter(ready);
        let rows: Vec<EventColumns> =
            asked.order(events::id.asc()).limit(limit).select(EventColumns::as_select()).load(self.conn)?;
        Ok(rows.into_iter().map(EventRow::from).collect())
    }

    fn seal_events(&mut self, sealed: &[SealedEvent], chains: &[ChainState; 2]) -> StoreResult<()> {
        dialect::write_seals(self.conn, sealed)?;
        self.write_chains(chains.clone())
    }

    fn remove_events(&mut self, chain: Chain, before: UnixMillis, limit: i64) -> StoreResult<usize> {
        let mut chains = self.find_chains()?;
        let Some(state) = Chain::ALL.iter().position(|it| *it == chain).and_then(|at| chains.get_mut(at))
        else {
            return Ok(0);
        };
        let from = state.removed_position;
        let rest = events::table.filter(events::position.gt(from)).into_boxed::<Backend>();
        let asked = of_chain!(rest, chain).order(events::position.asc()).limit(limit);
        let oldest: Vec<(Option<StoredTime>, StoredTime, Option<LossyText>)> =
            asked.select((events::position, events::at, events::seal)).load(self.conn)?;
        let over = oldest.into_iter().take_while(|(_, at, _)| i64::from(*at) < before);
        let Some((last, _, seal)) = over.last() else { return Ok(0) };
        let last = time(last).unwrap_or(from);
        let gone = diesel::delete(events::table)
            .filter(events::position.gt(from))
            .filter(events::position.le(last))
            .into_boxed::<Backend>();
        let removed = of_chain!(gone, chain).execute(self.conn)?;
        state.removed_position = last;
        state.removed_seal = text(seal).unwrap_or_default();
        self.write_chains(chains)?;
        Ok(removed)
    }

    fn replace_erased_events(&mut self, rows: &[EventRow]) -> StoreResult<()> {
        for row in rows {
            diesel::update(events::table.find(&row.id))
                .set((
                    events::client_ip.eq(&row.client_ip),
                    events::subject_label.eq(&row.subject_label),
                    events::details.eq(&row.details),
                    events::salt.eq(&row.salt),
                    events::erased.eq(row.erased),
                ))
                .execute(self.conn)?;
        }
        Ok(())
    }

    fn list_events_to_erase(&mut self, user: &str, after: &str, limit: i64) -> StoreResult<Vec<EventRow>> {
        if !self.layout.events {
            return Ok(Vec::new());
        }
        self.events_to_erase(user, after, limit)
    }
}

impl Queries<'_> {
    /// Notes how far the chains have come.
    fn write_chains(&mut self, chains: [ChainState; 2]) -> StoreResult<()> {
        match dialect::move_ends(&mut self.seals, chains) {
            None => Ok(()),
            Some(chains) => self.put_chains(Chain::ALL.into_iter().zip(&chains)),
        }
    }

    /// Writes how far these chains have come.
    pub(crate) fn put_chains<'s>(
        &mut self,
        chains: impl Iterator<Item = (Chain, &'s ChainState)>,
    ) -> StoreResult<()> {
        for (chain, state) in chains {
            Statement::new(
                "INSERT INTO rosterd_seal (chain, position, seal, removed_position, removed_seal) VALUES (",
            )
            .text(chain.as_str())
            .sql(", ")
            .number(state.position)
            .sql(", ")
            .text(&state.seal)
            .sql(", ")
            .number(state.removed_position)
            .sql(", ")
            .text(&state.removed_seal)
            .sql(
                ") ON CONFLICT (chain) DO UPDATE SET position = excluded.position, seal = excluded.seal, \
                     removed_position = excluded.removed_position, removed_seal = excluded.removed_seal",
            )
            .execute(self.conn)?;
        }
        Ok(())
    }
}
