//! What the opened database turned out to be, read from its schema and never from a version number.

use rosterd_domain::dialect::Dialect;
use rosterd_domain::list::{ListQuery, SearchText, Window};
use rosterd_domain::stored_config::Key;

/// Rows that a walk may pass over before a page. It costs more for each than where only ids are found. With SQLite on 200,000 users in
/// memory, the statements of both by hand: 74 and 84 µs after 300 rows, 87 and 85 µs after 1,000, 119 and 99 µs after 2,000. The bench's
/// scenario `plans` has a page on each side.
const MOST_PASSED: i64 = 1_000;

/// The shape of the opened database. Fixed for the life of the [`Store`](crate::Store).
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a schema, not states")]
pub struct Layout {
    /// Whose tables these are.
    pub ownership: Ownership,
    /// Which front ends it speaks to.
    pub dialect: Dialect,
    /// How table `config` keeps its values.
    pub config: ConfigLayout,
    /// Whether those values count: as [`StoreOptions::stored_settings`](crate::StoreOptions) says, not the schema.
    pub stored_settings: bool,
    /// `group.parent_group_id` exists: a group's permissions include those of the groups above it.
    pub group_parents: bool,
    /// `auth.session_stamp` exists: a token names the stamp it was issued under.
    pub session_stamp: bool,
    /// Table `shared_chat` exists.
    pub shared_chat: bool,
    /// What else of the newer Open WebUI exists.
    pub newer: Newer,
    /// Table `rosterd_revoked_token` exists: single tokens can be revoked.
    pub revocations: bool,
    /// Table `rosterd_api_key` exists: accounts can have API keys with a name.
    pub named_keys: bool,
    /// Table `rosterd_session` exists: the sessions that rosterd opens are listed there and can be ended one by one.
    pub sessions: bool,
    /// Table `rosterd_lease` exists: of several processes one can be made to do a thing.
    pub leases: bool,
    /// Table `rosterd_attempt` exists: attempts to sign in are counted for all processes together.
    pub attempts: bool,
    /// Tables `rosterd_event` and `rosterd_seal` exist: events are kept in the database.
    pub events: bool,
    /// Table `rosterd_sign_in` exists: it is known when each account signed in last.
    pub sign_ins: bool,
    /// Table `rosterd_suspension` exists: accounts can be suspended.
    pub suspensions: bool,
    /// Table `rosterd_link` exists: one-time links can be made.
    pub links: bool,
    /// Table `rosterd_unconfirmed` exists: accounts can wait until their e-mail address is confirmed.
    pub unconfirmed: bool,
    /// Tables `rosterd_webhook` and `rosterd_webhook_delivery` exist: events can be sent to URLs.
    pub webhooks: bool,
    /// Table `rosterd_mail` exists: mails can wait to be sent.
    pub mails: bool,
    /// Tables `rosterd_scim_connection`, `rosterd_scim_user`, `rosterd_scim_email` and `rosterd_scim_group` exist: identity providers
    /// can be connected.
    pub scim: bool,
    /// Tables `rosterd_deleted` and `rosterd_deleted_row` exist: deleted accounts can be kept.
    pub deletions: bool,
    /// Table `rosterd_counter` exists: the number of users is one row.
    pub counter: bool,
    /// Table `rosterd_member_name` exists: the members of a group are found in the order of their names.
    pub member_names: bool,
    /// An index on `lower(email)` exists in an attached database, so that an ASCII e-mail address is found without a
    /// scan.
    pub email_index: bool,
    /// Indexes for all orders of a list exist: in a standalone database, and in an adopted one.
    pub orders: bool,
    /// How names and e-mail addresses are searched.
    pub search: Search,
    /// SQLite in WAL mode: a reader never waits for a writer, so cheap reads may run on the calling thread.
    pub wal: bool,
}

impl Layout {
    /// Whether our own migrations made this database.
    #[must_use]
    pub fn is_standalone(&self) -> bool {
        self.ownership == Ownership::Standalone
    }

    /// Whether a second factor can be demanded (rule M13): only the newer Open WebUI can, and only in a database of its own.
    #[must_use]
    pub fn has_second_factor(&self) -> bool {
        self.session_stamp && !self.is_standalone()
    }

    /// Whether the setting that demands it is read with whoever calls ([`CallerRow::second_factor`]).
    ///
    /// [`CallerRow::second_factor`]: rosterd_domain::user::CallerRow::second_factor
    #[must_use]
    pub fn tells_factor_with_caller(&self) -> bool {
        self.has_second_factor() && self.config == ConfigLayout::KeyValue
    }

    /// Whether a list takes the rows of an index one after the other, so that nothing is sorted, and does not pass over many.
    /// The order by membership is another matter.
    pub(crate) fn walks_for(&self, query: &ListQuery) -> bool {
        let passed = match query.window {
            Window::Offset { offset, .. } => offset,
            Window::After { .. } => 0,
        };
        self.orders && query.search.is_none() && query.filter.is_empty() && passed <= MOST_PASSED
    }
}

/// Tables and columns that only newer versions of Open WebUI have. What is missing counts as empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about a schema, not states")]
pub struct Newer {
    /// `user.scim`.
    pub scim: bool,
    /// `user.variables`.
    pub variables: bool,
    /// `auth.mfa`.
    pub mfa: bool,
    /// `chat.meta`.
    pub chat_meta: bool,
    /// `chat_message`, with what usage is counted from.
    pub chat_message: bool,
    /// `chat_message.meta`.
    pub message_meta: bool,
    /// `chat_file`.
    pub chat_file: bool,
    /// `automation_run`.
    pub automation_run: bool,
    /// `model`.
    pub model: bool,
    /// `knowledge`.
    pub knowledge: bool,
    /// `tool`.
    pub tool: bool,
    /// `access_grant`.
    pub access_grant: bool,
}

/// Whether rosterd made the database or it belongs to Open WebUI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// Made by our migrations.
    Standalone,
    /// Open WebUI's, which may be running on it right now: no table or column of it is ever altered.
    Attached,
}

/// How table `config` keeps its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigLayout {
    /// One JSON document in `data`; the row with the highest id counts.
    Document,
    /// One row a dotted path, its JSON in `value`.
    KeyValue,
}

impl ConfigLayout {
    /// Where a setting is stored: what [`Configs`](crate::Configs) calls its path.
    #[must_use]
    pub const fn place_of(self, key: Key) -> &'static str {
        match self {
            Self::Document => key.row().document,
            Self::KeyValue => key.row().key_value,
        }
    }

    /// What to read where any small read will do, to see that the table can be read.
    pub(crate) const fn probe(self) -> &'static str {
        self.place_of(Key::Version)
    }
}

/// How names and e-mail addresses are searched (rule L2 holds for each).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// A folded copy with a trigram index; texts under three characters walk the copy.
    Trigram,
    /// A folded copy without an index (PostgreSQL without `pg_trgm`).
    Folded,
    /// Both columns are folded while they are read.
    Scan,
}

impl Search {
    /// Whether there is a folded copy that can answer a search for this text.
    pub(crate) fn has_copy(self, text: &SearchText) -> bool {
        // The copy joins both columns by a line feed, so a text with one must look at each column alone.
        self != Self::Scan && !text.folded().contains('\n')
    }

    /// Whether the trigram index can answer it.
    pub(crate) fn is_indexed(self, text: &SearchText) -> bool {
        self == Self::Trigram && text.chars() >= 3
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn l2_what_the_copy_and_its_index_can_answer() {
        let answers = |text: &str| {
            let text = SearchText::new(text).unwrap();
            [Search::Trigram, Search::Folded, Search::Scan]
                .map(|search| (search.has_copy(&text), search.is_indexed(&text)))
        };
        assert_eq!(answers("abc"), [(true, true), (true, false), (false, false)]);
        assert_eq!(
            answers("äö"),
            [(true, false), (true, false), (false, false)],
            "two characters, four bytes"
        );
        assert_eq!(answers("a\nb").map(|(has_copy, _)| has_copy), [false; 3]);
    }
}
