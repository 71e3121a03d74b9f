//! Accounts, groups and configuration that are written to a test's database directly and not through the API; hence
//! `db_…`.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};

use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::group::{GroupName, NewGroup};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::json::JsonText;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::role::Role;
use rosterd_domain::secret::{ApiKey, PasswordHash};
use rosterd_domain::user::{NewUser, UserChanges, UserModel};
use rosterd_storage::{Db, Document, StoreError, StoreResult};
use serde_json::Value;
use uuid::Uuid;

use crate::caller::{Account, Caller};
use crate::server::{BCRYPT_COST, TestServer};

/// The password of a made account unless the test says another.
pub const PASSWORD: &str = "a password for tests";

/// How long before now the first made account was created. Far enough that all of them lie in the past. Seconds.
const FIRST_CREATED_BEFORE_NOW: i64 = 30 * 86_400;

/// Accounts are created one second after another, so that the first one made is the primary admin (rule P1) and
/// lists have the order in which a test made its users.
static CREATED: AtomicI64 = AtomicI64::new(0);

impl TestServer {
    /// An account to describe and [create](DbUser::create): role `user`, e-mail address
    /// `<name>@rosterd.test`, which nobody of the recorded roster has.
    pub fn db_user(&self, name: &str) -> DbUser<'_> {
        let created_at = self.now() - FIRST_CREATED_BEFORE_NOW + CREATED.fetch_add(1, Ordering::Relaxed);
        DbUser {
            server: self,
            id: Uuid::new_v4().to_string(),
            name: name.to_owned(),
            email: format!("{}@rosterd.test", name.to_lowercase().replace(' ', ".")),
            role: Role::User,
            password: PASSWORD.to_owned(),
            profile_image_url: "/user.png".to_owned(),
            created_at,
            last_active_at: None,
            changes: UserChanges::default(),
            documents: Vec::new(),
        }
    }

    /// The same with role `admin`.
    pub fn db_admin(&self, name: &str) -> DbUser<'_> {
        self.db_user(name).role(Role::Admin)
    }

    /// Somebody of the recorded roster by short name, such as `alice`.
    #[must_use]
    pub fn recorded(&self, name: &str) -> Caller {
        let actors = crate::fixtures::Actors::recorded();
        let id = UserId::from_stored(actors.user(name).to_owned());
        self.caller(Account { id, email: actors.email(name), password: actors.password.clone() })
    }

    /// A group with these members and permissions (`Value::Null`: none).
    pub async fn db_group(&self, name: &str, members: &[&Caller], permissions: Value) -> GroupId {
        let id = GroupId::from_stored(Uuid::new_v4().to_string());
        let now = self.now();
        let owner =
            members.first().map_or_else(|| UserId::from_stored("nobody".to_owned()), |one| one.id().clone());
        let new = NewGroup {
            id: id.clone(),
            owner,
            parent: None,
            name: GroupName::from_stored(name.to_owned()),
            description: String::new(),
            data: None,
            meta: None,
            permissions: (!permissions.is_null()).then(|| JsonText::from_stored(permissions.to_string())),
            created_at: now,
        };
        let users: Vec<UserId> = members.iter().map(|member| member.id().clone()).collect();
        self.db_write(move |db| {
            db.insert_group(&new)?;
            db.add_members(&new.id, &users, now, &mut || Uuid::new_v4().to_string())
        })
        .await;
        id
    }

    /// Gives an account this API key.
    pub async fn db_api_key(&self, owner: &Caller, key: &str) {
        let (user, key, now) = (owner.id().clone(), ApiKey::from_stored(key.to_owned()), self.now());
        self.db_write(move |db| db.replace_api_key(&user, &key, now)).await;
    }

    /// Sets `auth.active` of an account.
    pub fn db_set_active(&self, owner: &Caller, active: bool) {
        let value = match (self.db().is_postgres(), active) {
            (true, active) => active.to_string(),
            (false, active) => i32::from(active).to_string(),
        };
        self.db().db_execute(&format!("UPDATE auth SET active = {value} WHERE id = '{}'", owner.id()));
    }

    /// Sets a value of the stored configuration by dotted path (`ui.enable_signup`).
    pub async fn db_set_config(&self, path: &'static str, value: Value) {
        let (value, now) = (JsonText::from_stored(value.to_string()), self.now());
        self.db_write(move |db| db.set_configs(&[(path, value)], now)).await;
    }

    /// The whole row of a user as the database has it; `None` when there is none.
    pub async fn db_find_user(&self, id: &UserId) -> Option<UserModel> {
        let id = id.clone();
        self.db_read(move |db| db.find_user(&id)).await
    }

    /// The same for a user who must be there.
    pub async fn db_get_user(&self, id: &UserId) -> UserModel {
        self.db_find_user(id).await.unwrap_or_else(|| panic!("there is no user {id}"))
    }

    /// Runs `work` on the server's own store, in a transaction.
    pub async fn db_write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Db) -> StoreResult<T> + Send + 'static,
    ) -> T {
        let done: Result<T, StoreError> = self.store().write(work).await;
        done.unwrap_or_else(|e| panic!("the test's own write failed: {e:?}"))
    }

    /// Runs `work` on the server's own store.
    pub async fn db_read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn Db) -> StoreResult<T> + Send + 'static,
    ) -> T {
        let done: Result<T, StoreError> = self.store().scan(work).await;
        done.unwrap_or_else(|e| panic!("the test's own read failed: {e:?}"))
    }
}

/// An account in the making.
#[derive(Debug)]
#[must_use = "nothing is written before `create`"]
pub struct DbUser<'a> {
    server: &'a TestServer,
    id: String,
    name: String,
    email: String,
    role: Role,
    password: String,
    profile_image_url: String,
    created_at: UnixSeconds,
    last_active_at: Option<UnixSeconds>,
    changes: UserChanges,
    documents: Vec<(Document, JsonText)>,
}

impl DbUser<'_> {
    /// Its id; a random UUID unless said.
    pub fn id(self, id: &str) -> Self {
        Self { id: id.to_owned(), ..self }
    }

    /// Its e-mail address.
    pub fn email(self, email: &str) -> Self {
        Self { email: email.to_owned(), ..self }
    }

    /// Its role.
    pub fn role(self, role: Role) -> Self {
        Self { role, ..self }
    }

    /// Its password; [`PASSWORD`] unless said.
    pub fn password(self, password: &str) -> Self {
        Self { password: password.to_owned(), ..self }
    }

    /// Its profile image.
    pub fn profile_image_url(self, url: &str) -> Self {
        Self { profile_image_url: url.to_owned(), ..self }
    }

    /// When it was created; one second after the account made before unless said.
    pub fn created_at(self, at: UnixSeconds) -> Self {
        Self { created_at: at, ..self }
    }

    /// When it was last active; at its creation unless said.
    pub fn last_active_at(self, at: UnixSeconds) -> Self {
        Self { last_active_at: Some(at), ..self }
    }

    /// Its settings.
    #[expect(clippy::needless_pass_by_value, reason = "called with json!({..}) on the spot")]
    pub fn settings(mut self, settings: Value) -> Self {
        self.documents.push((Document::Settings, JsonText::from_stored(settings.to_string())));
        self
    }

    /// Its info.
    #[expect(clippy::needless_pass_by_value, reason = "called with json!({..}) on the spot")]
    pub fn info(mut self, info: Value) -> Self {
        self.documents.push((Document::Info, JsonText::from_stored(info.to_string())));
        self
    }

    /// Any other column.
    pub fn with(mut self, change: impl FnOnce(&mut UserChanges)) -> Self {
        change(&mut self.changes);
        self
    }

    /// Writes it and gives it a token.
    pub async fn create(self) -> Caller {
        let email = EmailAddress::parse(&self.email).unwrap_or_else(|e| panic!("{}: {e}", self.email));
        let id = UserId::from_stored(self.id);
        let new = NewUser {
            id: id.clone(),
            email: email.clone(),
            name: UserName::from_stored(self.name),
            role: self.role,
            profile_image_url: ProfileImageUrl::from_stored(self.profile_image_url),
            created_at: self.created_at,
            oauth: None,
        };
        let (changes, documents, last_active_at) = (self.changes, self.documents, self.last_active_at);
        let hash = hash(&self.password);
        self.server
            .db_write(move |db| {
                db.insert_user(&new)?;
                db.insert_auth(&new.id, new.email.as_str(), &hash, None)?;
                db.update_user(&new.id, &changes, new.created_at)?;
                for (document, text) in documents {
                    db.set_document(&new.id, document, &text, new.created_at)?;
                }
                last_active_at.map_or(Ok(()), |at| db.touch_users(&[(new.id, at)]))
            })
            .await;
        self.server.caller(Account { id, email: email.into_string(), password: self.password })
    }
}

fn hash(password: &str) -> PasswordHash {
    static USUAL: LazyLock<String> = LazyLock::new(|| bcrypt(PASSWORD));
    PasswordHash::from_stored(if password == PASSWORD { USUAL.clone() } else { bcrypt(password) })
}

fn bcrypt(password: &str) -> String {
    bcrypt::hash(password, BCRYPT_COST).expect("bcrypt takes any password")
}
