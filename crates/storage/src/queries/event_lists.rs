//! Reading the tables `rosterd_event` and `rosterd_seal`.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rosterd_domain::audit::{ActionFilter, Chain, ChainState, EventQuery, EventRow};
use rosterd_domain::clock::UnixMillis;

use super::Queries;
use super::dialect::{self, Backend};
use super::events::EventColumns;
use crate::fragments::Statement;
use crate::schema::{events, seals};
use crate::types::{LossyText, StoredTime};
use crate::{Events, StoreResult};

/// How many times as many blocks each statement of a list looks at as the one before: what is asked for is mostly new.
const GROWTH: i64 = 8;

/// Most blocks of one statement.
const MOST_BLOCKS: i64 = 4096;

/// A row of `rosterd_seal`.
type KeptChain = (LossyText, StoredTime, LossyText, StoredTime, LossyText);

/// What a query asks for, but for the actor.
fn asked(query: &EventQuery) -> events::BoxedQuery<'_, Backend> {
    let mut asked = events::table.into_boxed::<Backend>();
    if let Some(subject) = &query.subject {
        asked = asked.filter(dialect::about(subject));
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
        dialect::done_by($actor).and(events::subject_id.is_null().or(events::subject_id.ne(events::actor_id)))
    };
}

impl Events for Queries<'_> {
    fn list_events(&mut self, query: &EventQuery) -> StoreResult<Vec<EventRow>> {
        if !self.layout.events {
            return Ok(Vec::new());
        }
        let of_actor = |actor| asked(query).filter(dialect::done_by(actor));
        let (order, limit) = (Order::NewestFirst, query.limit);
        match (&query.actor, &query.subject) {
            (None, None) => Ok(rows(order.of(asked(query)).limit(limit), self.conn)?),
            (None, Some(_)) => self.list_by_blocks(order, limit, || asked(query)),
            (Some(actor), Some(_)) => self.list_by_blocks(order, limit, || of_actor(actor)),
            (Some(actor), None) => {
                let own = || of_actor(actor).filter(dialect::about(actor));
                let mut found = self.list_by_blocks(order, limit, own)?;
                let to_others = || asked(query).filter(done_to_others!(actor));
                found.extend(self.list_by_blocks(order, limit, to_others)?);
                order.arrange(&mut found, limit);
                Ok(found)
            }
        }
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
        rows(asked.into_boxed(), self.conn)
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
        if let Some(known) = dialect::known_ends(&self.seals) {
            return Ok(known);
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
        dialect::keep_ends(&mut self.seals, &chains);
        Ok(chains)
    }
}

impl Queries<'_> {
    /// Events about this user that are not erased, and those done by it that say nothing but its client IP; the oldest after
    /// this one.
    pub(super) fn events_to_erase(
        &mut self,
        user: &str,
        after: &str,
        limit: i64,
    ) -> StoreResult<Vec<EventRow>> {
        let rest = || {
            // That they were erased is told without anything about them.
            let told = events::action.ne("audit.erased");
            let rest = events::table.filter(told).filter(events::erased.eq(false));
            rest.filter(events::id.gt(after)).into_boxed::<Backend>()
        };
        let about = || rest().filter(dialect::about(user));
        let bare = || {
            let bare = events::subject_label.is_null().and(events::details.is_null());
            rest().filter(done_to_others!(user)).filter(bare)
        };
        let order = Order::OldestFirst;
        let mut found = self.list_by_blocks(order, limit, about)?;
        found.extend(self.list_by_blocks(order, limit, bare)?);
        order.arrange(&mut found, limit);
        Ok(found)
    }

    /// The first `limit` of these events, which are about one subject or by one actor. The indexes on both begin with the
    /// block of the event's position, so that what is sealed together goes to few pages of them. Events that are not sealed
    /// are few, and found by themselves.
    ///
    /// Each block is looked at, since the order of ids is not exactly that of positions. Once there are `limit` events, only
    /// those are asked for that come before the last of them: mostly there are none, and the index says so.
    fn list_by_blocks<'a>(
        &mut self,
        order: Order,
        limit: i64,
        asked: impl Fn() -> events::BoxedQuery<'a, Backend>,
    ) -> StoreResult<Vec<EventRow>> {
        let unsealed = asked().filter(events::position.is_null());
        let mut found = rows(order.of(unsealed).limit(limit), self.conn)?;
        let (mut below, mut width) = (i64::MAX, 1);
        loop {
            let blocks = self.blocks(below, width)?;
            let Some(oldest) = blocks.last() else { return Ok(found) };
            below = oldest.saturating_mul(dialect::BLOCK);
            let sealed = asked().filter(events::position.is_not_null()).filter(dialect::in_blocks(&blocks));
            let is_full = i64::try_from(found.len()).is_ok_and(|found| found >= limit);
            let sealed = match found.last() {
                Some(last) if is_full => order.before(sealed, last.id.clone()),
                _ => sealed,
            };
            found.extend(rows(order.of(sealed).limit(limit), self.conn)?);
            order.arrange(&mut found, limit);
            width = (width * GROWTH).min(MOST_BLOCKS);
        }
    }

    /// The blocks with sealed events below this position, the newest first; at most `limit`.
    fn blocks(&mut self, below: i64, limit: i64) -> StoreResult<Vec<i64>> {
        const NEWEST: &str = "(SELECT max(position) FROM rosterd_event WHERE position > 0 AND position < ";
        let blocks =
            Statement::new("WITH RECURSIVE block(n) AS (SELECT ").sql(NEWEST).number(below).sql(") / ");
        let blocks = blocks.number(dialect::BLOCK).sql(" UNION ALL SELECT ").sql(NEWEST).sql("block.n * ");
        let blocks = blocks.number(dialect::BLOCK).sql(") / ").number(dialect::BLOCK);
        let blocks = blocks
            .sql(" FROM block WHERE block.n IS NOT NULL) SELECT n FROM block WHERE n IS NOT NULL LIMIT ")
            .number(limit);
        Ok(blocks.rows::<BigInt>().load::<i64>(self.conn)?)
    }
}

/// These events as they are stored.
fn rows(asked: events::BoxedQuery<'_, Backend>, conn: &mut dialect::Raw) -> StoreResult<Vec<EventRow>> {
    let rows: Vec<EventColumns> = asked.select(EventColumns::as_select()).load(conn)?;
    Ok(rows.into_iter().map(EventRow::from).collect())
}

/// In which order of ids, which is that of time, events are listed.
#[derive(Debug, Clone, Copy)]
enum Order {
    NewestFirst,
    OldestFirst,
}

impl Order {
    /// The query in this order.
    fn of(self, asked: events::BoxedQuery<'_, Backend>) -> events::BoxedQuery<'_, Backend> {
        match self {
            Self::NewestFirst => asked.order(events::id.desc()),
            Self::OldestFirst => asked.order(events::id.asc()),
        }
    }

    /// What of the query comes before this event.
    fn before(self, asked: events::BoxedQuery<'_, Backend>, id: String) -> events::BoxedQuery<'_, Backend> {
        match self {
            Self::NewestFirst => asked.filter(events::id.gt(id)),
            Self::OldestFirst => asked.filter(events::id.lt(id)),
        }
    }

    /// Brings what was found at several places into this order, each event once: it may have been sealed between two looks.
    fn arrange(self, found: &mut Vec<EventRow>, limit: i64) {
        found.sort_by(|one, other| match self {
            Self::NewestFirst => other.id.cmp(&one.id),
            Self::OldestFirst => one.id.cmp(&other.id),
        });
        found.dedup_by(|one, other| one.id == other.id);
        found.truncate(usize::try_from(limit).unwrap_or_default());
    }
}
