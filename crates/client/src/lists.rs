//! Lists of users: pages, and streams over all of them.

use std::collections::VecDeque;

use futures_util::Stream;
use futures_util::stream::try_unfold;
use reqwest::Method;
use rosterd_domain::{Direction, GroupId, OrderBy, Role, UserGroupIds, UserInfo};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::client::{Client, read, send};
use crate::error::Error;

/// What a list is asked for. Without anything: everybody, newest first, 30 a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    query: Option<String>,
    role: Option<Role>,
    group: Option<GroupId>,
    active_since: Option<i64>,
    inactive_since: Option<i64>,
    status: Option<&'static str>,
    order: Option<(OrderBy, Direction)>,
    page: Option<i64>,
    limit: Option<u8>,
    cursor: Option<String>,
}

impl ListQuery {
    /// Everybody, newest first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those with this text somewhere in name or e-mail address, without regard to case.
    #[must_use]
    pub fn query(self, text: impl Into<String>) -> Self {
        Self { query: Some(text.into()), ..self }
    }

    /// Only those with this role. [`Client::get_users`] and [`Client::users`] know it, and the five after it.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// Only the direct members of this group.
    #[must_use]
    pub fn group(self, group: GroupId) -> Self {
        Self { group: Some(group), ..self }
    }

    /// Only who was active at this second (since 1970) or later.
    #[must_use]
    pub fn active_since(self, second: i64) -> Self {
        Self { active_since: Some(second), ..self }
    }

    /// Only who was not active at this second or later.
    #[must_use]
    pub fn inactive_since(self, second: i64) -> Self {
        Self { inactive_since: Some(second), ..self }
    }

    /// Only who is suspended.
    #[must_use]
    pub fn suspended(self) -> Self {
        Self { status: Some("suspended"), ..self }
    }

    /// Only who is not suspended.
    #[must_use]
    pub fn not_suspended(self) -> Self {
        Self { status: Some("active"), ..self }
    }

    /// In this order.
    #[must_use]
    pub fn order_by(self, by: OrderBy, direction: Direction) -> Self {
        Self { order: Some((by, direction)), ..self }
    }

    /// The page with this number, from 1. A stream takes no notice of it.
    #[must_use]
    pub fn page(self, page: i64) -> Self {
        Self { page: Some(page), ..self }
    }

    /// Entries a page, 1 to 200.
    #[must_use]
    pub fn limit(self, limit: u8) -> Self {
        Self { limit: Some(limit), ..self }
    }

    /// The page after the one that named this [cursor](UserPage::next_cursor), in the same order.
    #[must_use]
    pub fn cursor(self, cursor: impl Into<String>) -> Self {
        Self { cursor: Some(cursor.into()), ..self }
    }

    /// Whom it finds and after whom it begins, as a JSON object.
    pub(crate) fn filters(&self) -> Map<String, Value> {
        let all = [
            ("query", self.query.clone().map(Value::from)),
            ("role", self.role.as_ref().map(|role| role.as_str().into())),
            ("group_id", self.group.as_ref().map(|group| group.as_str().into())),
            ("active_since", self.active_since.map(Value::from)),
            ("inactive_since", self.inactive_since.map(Value::from)),
            ("status", self.status.map(Value::from)),
            ("cursor", self.cursor.clone().map(Value::from)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }

    fn parameters(&self) -> Vec<(&'static str, String)> {
        let (by, direction) = self.order.clone().unzip();
        let all = [
            ("query", self.query.clone()),
            ("role", self.role.as_ref().map(|role| role.as_str().to_owned())),
            ("group_id", self.group.as_ref().map(|group| group.as_str().to_owned())),
            ("active_since", self.active_since.map(|second| second.to_string())),
            ("inactive_since", self.inactive_since.map(|second| second.to_string())),
            ("status", self.status.map(str::to_owned)),
            ("order_by", by.map(|by| by.to_string())),
            ("direction", direction.map(|direction| direction.to_string())),
            ("page", self.page.map(|page| page.to_string())),
            ("limit", self.limit.map(|limit| limit.to_string())),
            ("cursor", self.cursor.clone()),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct UserPage<T> {
    /// The entries.
    pub users: Vec<T>,
    /// How many match in all.
    pub total: i64,
    /// Where the next page begins, if `limit` or `cursor` was asked for and there may be more.
    pub next_cursor: Option<String>,
}

impl Client {
    /// A page of whole records with their group ids. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_users(&self, query: &ListQuery) -> Result<UserPage<UserGroupIds>, Error> {
        self.page(&["api", "v1", "users", ""], query).await
    }

    /// A page of the narrow shape, for every verified user.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn search_users(&self, query: &ListQuery) -> Result<UserPage<UserInfo>, Error> {
        self.page(&["api", "v1", "users", "search"], query).await
    }

    /// Everybody in the narrow shape, newest first, in one answer. For admins.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn get_all_users(&self) -> Result<UserPage<UserInfo>, Error> {
        self.get(&["api", "v1", "users", "all"]).await
    }

    /// Everybody whom the query describes, page by page as the stream is read: [`Self::get_users`] as a stream.
    /// It ends with the first error.
    pub fn users(&self, query: ListQuery) -> impl Stream<Item = Result<UserGroupIds, Error>> + Send + use<> {
        self.stream(&["api", "v1", "users", ""], query)
    }

    /// [`Self::search_users`] as a stream.
    pub fn found_users(
        &self,
        query: ListQuery,
    ) -> impl Stream<Item = Result<UserInfo, Error>> + Send + use<> {
        self.stream(&["api", "v1", "users", "search"], query)
    }

    async fn page<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &ListQuery,
    ) -> Result<UserPage<T>, Error> {
        let request = self.request(Method::GET, path).query(&query.parameters());
        read(send(request).await?).await
    }

    fn stream<T: DeserializeOwned + Send>(
        &self,
        path: &'static [&'static str],
        query: ListQuery,
    ) -> impl Stream<Item = Result<T, Error>> + Send + use<T> {
        // The server names a cursor only to those who ask with a limit; 100 entries keep the round trips few.
        let query = ListQuery { page: None, limit: query.limit.or(Some(100)), ..query };
        let reading = Reading { client: self.clone(), ready: VecDeque::new(), next: Some(query) };
        try_unfold(reading, move |mut reading| async move {
            loop {
                if let Some(entry) = reading.ready.pop_front() {
                    return Ok(Some((entry, reading)));
                }
                let Some(query) = reading.next.take() else { return Ok(None) };
                let page: UserPage<T> = reading.client.page(path, &query).await?;
                reading.ready = page.users.into();
                reading.next = page.next_cursor.map(|cursor| query.cursor(cursor));
            }
        })
    }
}

/// Where a stream is.
struct Reading<T> {
    client: Client,
    ready: VecDeque<T>,
    next: Option<ListQuery>,
}
