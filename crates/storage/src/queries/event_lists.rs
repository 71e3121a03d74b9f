//! Reading the tables `rosterd_event` and `rosterd_seal`.

use diesel::prelude::*;
use rosterd_domain::audit::{ActionFilter, Chain, ChainState, EventQuery, EventRow};
use rosterd_domain::clock::UnixMillis;

use super::Queries;
use super::dialect::Backend;
use super::events::EventColumns;
use crate::schema::{events, seals};
use crate::types::{LossyText, StoredTime};
use crate::{Events, StoreResult};

/// A row of `rosterd_seal`.
type KeptChain = (LossyText, StoredTime, LossyText, StoredTime, LossyText);

/// What a query asks for, but for the actor.
fn asked(query: &EventQuery) -> events::BoxedQuery<'_, Backend> {
    let mut asked = events::table.into_boxed::<Backend>();
    if let Some(subject) = &query.subject {
        asked = asked.filter(events::subject_id.eq(subject));
    }
    match &query.action {
        Some(ActionFilter::Is(action)) => asked = asked.filter(events::action.eq(action)),
        Some(ActionFilter::Begins(begin)) => asked = asked.filter(events::action.like(format!("{begin}%"))),
        None => {}
    }
    if let Some(from) = query.from {
        asked = asked.filter(events::at.ge(from));
    }
    if let Some(to) = query.to {
        asked = asked.filter(events::at.lt(to));
    }
    if let Some(ip) = &query.client_ip {
        asked = asked.filter(events::client_ip.eq(ip));
    }
    if let Some(request) = &query.request_id {
        asked = asked.filter(events::request_id.eq(request));
    }
    if let Some(after) = &query.after {
        asked = asked.filter(events::id.lt(after));
    }
    asked
}

/// What an account did that is not about itself, in the words of the index on the actor: an event about its own actor is
/// found by its subject, and needs no place in a second index.
macro_rules! done_to_others {
    ($actor:expr) => {
        events::actor_id
            .eq($actor)
            .and(events::subject_id.is_null().or(events::subject_id.ne(events::actor_id)))
    };
}

pub(super) use done_to_others;

impl Events for Queries<'_> {
    fn list_events(&mut self, query: &EventQuery) -> StoreResult<Vec<EventRow>> {
        if !self.layout.events {
            return Ok(Vec::new());
        }
        let Some(actor) = &query.actor else { return self.page(asked(query), query.limit) };
        if query.subject.is_some() {
            return self.page(asked(query).filter(events::actor_id.eq(actor)), query.limit);
        }
        let own = asked(query).filter(events::actor_id.eq(actor)).filter(events::subject_id.eq(actor));
        let others = asked(query).filter(done_to_others!(actor));
        let mut rows = self.page(own, query.limit)?;
        rows.extend(self.page(others, query.limit)?);
        rows.sort_unstable_by(|one, other| other.id.cmp(&one.id));
        rows.truncate(usize::try_from(query.limit).unwrap_or_default());
        Ok(rows)
    }

    fn find_event(&mut self, id: &str) -> StoreResult<Option<EventRow>> {
        if !self.layout.events {
            return Ok(None);
        }
        let row: Option<EventColumns> =
            events::table.find(id).select(EventColumns::as_select()).get_result(self.conn).optional()?;
        Ok(row.map(EventRow::from))
    }

    fn list_sealed_events(&mut self, after: i64, limit: i64) -> StoreResult<Vec<EventRow>> {
        if !self.layout.events {
            return Ok(Vec::new());
        }
        let asked =
            events::table.filter(events::position.gt(after)).order(events::position.asc()).limit(limit);
        let rows: Vec<EventColumns> = asked.select(EventColumns::as_select()).load(self.conn)?;
        Ok(rows.into_iter().map(EventRow::from).collect())
    }

    fn count_unsealed_events(&mut self) -> StoreResult<(i64, Option<UnixMillis>)> {
        if !self.layout.events {
            return Ok((0, None));
        }
        let unsealed = events::table.filter(events::position.is_null());
        let asked = unsealed.select((diesel::dsl::count_star(), diesel::dsl::min(events::at)));
        Ok(asked.get_result(self.conn)?)
    }

    fn find_chains(&mut self) -> StoreResult<[ChainState; 2]> {
        let mut chains = [ChainState::default(), ChainState::default()];
        if !self.layout.events {
            return Ok(chains);
        }
        let rows: Vec<KeptChain> = seals::table.load(self.conn)?;
        for (chain, position, seal, removed_position, removed_seal) in rows {
            let state = ChainState {
                position: position.into(),
                seal: seal.into(),
                removed_position: removed_position.into(),
                removed_seal: removed_seal.into(),
            };
            let known = Chain::ALL.iter().position(|known| known.as_str() == chain.as_str());
            if let Some(place) = known.and_then(|at| chains.get_mut(at)) {
                *place = state;
            }
        }
        Ok(chains)
    }
}

impl Queries<'_> {
    /// The newest `limit` of these events.
    fn page(&mut self, asked: events::BoxedQuery<'_, Backend>, limit: i64) -> StoreResult<Vec<EventRow>> {
        let newest = asked.order(events::id.desc()).limit(limit);
        let rows: Vec<EventColumns> = newest.select(EventColumns::as_select()).load(self.conn)?;
        Ok(rows.into_iter().map(EventRow::from).collect())
    }
}
