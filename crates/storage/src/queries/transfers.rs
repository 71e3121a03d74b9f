//! Many rows of `user` and `auth` at once.

use std::collections::{HashMap, HashSet};

use diesel::dsl::{case_when, exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use rosterd_domain::email::{EmailLookup, comparable};
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::import::KnownAccount;
use rosterd_domain::secret::PasswordHash;
use rosterd_domain::transfer::{AccountRecord, FullColumns};
use secrecy::ExposeSecret as _;

use super::Queries;
use super::dialect::{by_code_point, may_have_addresses, one_of};
use super::emails::spellings_trimmed;
use super::search_copy::folded_copy;
use crate::fragments::IfThere;
use crate::rows::{AccountColumns, UserRow, user_columns};
use crate::schema::{auths, group_members, groups, user_search, users};
use crate::types::{LossyText, StoredJson, json_text, stored_json, text};
use crate::whole_row::WholeUserRow;
use crate::{RecordColumns, Search, StoreResult, Suspensions, TransferWrites, Transfers, WholeAccount};

/// Rows of one INSERT: up to 24 parameters each, and SQLite takes 32,766.
const ROWS: usize = 500;

/// What stands in `auth`: hash and whether the account is active.
type AuthColumns = (Option<LossyText>, Option<bool>);

/// The same with what opens sessions.
type SecretColumns = (Option<LossyText>, Option<bool>, Option<LossyText>, Option<StoredJson>);

/// The rows of a query that are read as records, by id.
macro_rules! records {
    ($queries:expr, $columns:expr, $condition:expr, $limit:expr) => {{
        let layout = $queries.layout;
        let RecordColumns { images, documents, secrets } = $columns;
        let image =
            case_when(images.into_sql::<Bool>(), users::profile_image_url).otherwise("".into_sql::<Text>());
        let row = user_columns!(
            image,
            IfThere::new(users::profile_banner_image_url, images),
            IfThere::new(users::oauth, documents),
            IfThere::new(users::info, documents),
            IfThere::new(users::settings, documents),
            IfThere::new(users::scim, documents && layout.newer.scim)
        );
        let auth = (
            IfThere::new(auths::password.nullable(), secrets),
            auths::active.nullable(),
            IfThere::new(auths::session_stamp.nullable(), secrets && layout.session_stamp),
            IfThere::new(auths::mfa.nullable(), secrets && layout.newer.mfa),
        );
        let rows: Vec<(UserRow, Option<StoredJson>, SecretColumns)> = users::table
            .left_join(auths::table.on(auths::id.eq(users::id)))
            .filter($condition)
            .order(users::id)
            .limit($limit)
            .select((row, IfThere::new(users::variables, documents && layout.newer.variables), auth))
            .load($queries.conn)?;
        rows.into_iter().map(record_of).collect::<Vec<AccountRecord>>()
    }};
}

impl Transfers for Queries<'_> {
    fn find_accounts_by_email(&mut self, emails: &[EmailLookup]) -> StoreResult<Vec<Option<KnownAccount>>> {
        let wanted = if self.layout.is_standalone() {
            let mut spellings: Vec<String> = emails.iter().flat_map(spellings_trimmed).collect();
            spellings.sort_unstable();
            spellings.dedup();
            one_of!("lower(trim(\"user\".\"email\"))", spellings.iter().map(String::as_str))
        } else {
            may_have_addresses!("\"user\".\"email\"", emails.iter().map(EmailLookup::key))
        };
        let rows: Vec<(AccountColumns, AuthColumns)> = users::table
            .left_join(auths::table.on(auths::id.eq(users::id)))
            .filter(wanted)
            // The oldest wins among those whose spelling is as close.
            .order((users::created_at, by_code_point(users::id)))
            .select((AccountColumns::as_select(), (auths::password.nullable(), auths::active.nullable())))
            .load(self.conn)?;
        let mut found: HashMap<String, Vec<KnownAccount>> = HashMap::new();
        for (row, (hash, active)) in rows {
            let known = KnownAccount {
                row: row.into(),
                hash: hash.map(|hash| PasswordHash::from_stored(hash.into())),
                active: active != Some(false),
                is_suspended: false,
            };
            found.entry(comparable(&known.row.email)).or_default().push(known);
        }
        let mut accounts: Vec<Option<KnownAccount>> =
            emails.iter().map(|email| closest(email, found.get(email.key()))).collect();
        let ids: Vec<UserId> = accounts.iter().flatten().map(|known| known.row.id.clone()).collect();
        let suspended: HashSet<UserId> =
            self.list_suspensions(&ids)?.into_iter().map(|(user, _)| user).collect();
        for known in accounts.iter_mut().flatten() {
            known.is_suspended = suspended.contains(&known.row.id);
        }
        Ok(accounts)
    }

    fn list_present_ids(&mut self, ids: &[UserId]) -> StoreResult<Vec<UserId>> {
        let present: Vec<LossyText> = users::table
            .filter(one_of!("\"user\".\"id\"", ids.iter().map(UserId::as_str)))
            .select(users::id)
            .load(self.conn)?;
        Ok(present.into_iter().map(|id| UserId::from_stored(id.into())).collect())
    }

    fn has_admin_beside(&mut self, others: &[UserId]) -> StoreResult<bool> {
        let active = auths::table
            .filter(auths::id.eq(users::id))
            .filter(auths::active.eq(true).or(auths::active.is_null()))
            .select(auths::id);
        let admins = users::table
            .filter(users::role.eq("admin"))
            .filter(not(one_of!("\"user\".\"id\"", others.iter().map(UserId::as_str))))
            .filter(exists(active))
            .select(users::id);
        Ok(diesel::select(exists(admins)).get_result(self.conn)?)
    }

    fn list_records(
        &mut self,
        after: Option<&UserId>,
        limit: i64,
        columns: RecordColumns,
    ) -> StoreResult<Vec<AccountRecord>> {
        // No id is the empty text.
        let after = after.map(UserId::as_str).unwrap_or_default();
        Ok(records!(self, columns, users::id.gt(after), limit))
    }

    fn find_record(&mut self, id: &UserId, columns: RecordColumns) -> StoreResult<Option<AccountRecord>> {
        Ok(records!(self, columns, users::id.eq(id.as_str()), 1).pop())
    }

    fn list_group_names_of_all(&mut self, users: &[UserId]) -> StoreResult<Vec<(UserId, String)>> {
        let pairs: Vec<(LossyText, Option<LossyText>)> = group_members::table
            .inner_join(groups::table.on(groups::id.eq(group_members::group_id)))
            .filter(one_of!("\"group_member\".\"user_id\"", users.iter().map(UserId::as_str)))
            .order((groups::name, by_code_point(groups::id)))
            .select((group_members::user_id, groups::name))
            .load(self.conn)?;
        let named = pairs.into_iter().filter_map(|(user, name)| Some((user, name?)));
        Ok(named.map(|(user, name)| (UserId::from_stored(user.into()), name.into())).collect())
    }
}

/// Of the accounts with an e-mail address, the oldest first, the one whose spelling is closest.
fn closest(email: &EmailLookup, found: Option<&Vec<KnownAccount>>) -> Option<KnownAccount> {
    let mut found: Vec<&KnownAccount> =
        found?.iter().filter(|known| email.matches(&known.row.email)).collect();
    email.sort_by_closeness(&mut found, |known| known.row.email.as_str());
    found.first().map(|known| (*known).clone())
}

fn record_of((row, variables, auth): (UserRow, Option<StoredJson>, SecretColumns)) -> AccountRecord {
    let user = rosterd_domain::user::UserModel::from(row);
    let (hash, active, stamp, mfa) = auth;
    let secret = |stored: Option<LossyText>| text(stored).map(Into::into);
    AccountRecord {
        line: 0,
        email: Some(user.email),
        name: Some(user.name),
        role: Some(user.role.as_str().to_owned()),
        groups: None,
        password: None,
        password_hash: secret(hash),
        rest: FullColumns {
            id: Some(user.id.into_string()),
            username: user.username,
            profile_image_url: Some(user.profile_image_url),
            profile_banner_image_url: user.profile_banner_image_url,
            bio: user.bio,
            gender: user.gender,
            date_of_birth: user.date_of_birth,
            timezone: user.timezone,
            presence_state: user.presence_state,
            status_emoji: user.status_emoji,
            status_message: user.status_message,
            status_expires_at: user.status_expires_at,
            info: user.info,
            settings: user.settings,
            oauth: user.oauth,
            scim: user.scim.flatten(),
            variables: json_text(variables),
            created_at: Some(user.created_at),
            updated_at: Some(user.updated_at),
            last_active_at: Some(user.last_active_at),
            active,
            session_stamp: secret(stamp),
            mfa: json_text(mfa).map(|mfa| mfa.into_string().into()),
        },
    }
}

impl TransferWrites for Queries<'_> {
    fn insert_accounts(&mut self, new: &[WholeAccount]) -> StoreResult<()> {
        self.forget_searches();
        for new in new.chunks(ROWS) {
            self.insert_user_rows(new)?;
            self.insert_auth_rows(new)?;
            if self.layout.search != Search::Scan {
                let copies: Vec<_> = new
                    .iter()
                    .map(|new| {
                        let folded = folded_copy(new.name.as_str(), new.email.as_str());
                        (user_search::user_id.eq(new.id.as_str()), user_search::folded.eq(folded))
                    })
                    .collect();
                diesel::insert_into(user_search::table).values(copies).execute(self.conn)?;
            }
        }
        Ok(())
    }
}

impl Queries<'_> {
    fn insert_user_rows(&mut self, new: &[WholeAccount]) -> StoreResult<()> {
        let rows = new.iter().map(WholeUserRow::from);
        let insert = diesel::insert_into(users::table);
        match (self.layout.newer.scim, self.layout.newer.variables) {
            (false, false) => insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?,
            (true, false) => {
                let rows = rows
                    .zip(new)
                    .map(|(row, new)| (row, users::scim.eq(stored_json(new.rest.scim.as_ref()))));
                insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?
            }
            (false, true) => {
                let rows = rows
                    .zip(new)
                    .map(|(row, new)| (row, users::variables.eq(stored_json(new.rest.variables.as_ref()))));
                insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?
            }
            (true, true) => {
                let rows = rows.zip(new).map(|(row, new)| {
                    let (scim, variables) = (new.rest.scim.as_ref(), new.rest.variables.as_ref());
                    (row, (users::scim.eq(stored_json(scim)), users::variables.eq(stored_json(variables))))
                });
                insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?
            }
        };
        Ok(())
    }

    fn insert_auth_rows(&mut self, new: &[WholeAccount]) -> StoreResult<()> {
        let rows = new.iter().map(|new| {
            (
                auths::id.eq(new.id.as_str()),
                auths::email.eq(new.email.as_str()),
                auths::password.eq(new.hash.expose()),
                auths::active.eq(new.rest.active.unwrap_or(true)),
            )
        });
        let insert = diesel::insert_into(auths::table);
        let stamp = |new: &'_ WholeAccount| auths::session_stamp.eq(new.stamp.clone());
        let mfa = |new: &WholeAccount| {
            let mfa = new.rest.mfa.as_ref().map(|mfa| StoredJson::from(mfa.expose_secret().to_owned()));
            auths::mfa.eq(mfa)
        };
        match (self.layout.session_stamp, self.layout.newer.mfa) {
            (true, true) => {
                let rows = rows.zip(new).map(|(row, new)| (row, stamp(new), mfa(new)));
                insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?
            }
            (true, false) => {
                let rows = rows.zip(new).map(|(row, new)| (row, stamp(new)));
                insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?
            }
            (false, true) => {
                let rows = rows.zip(new).map(|(row, new)| (row, mfa(new)));
                insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?
            }
            (false, false) => insert.values(rows.collect::<Vec<_>>()).execute(self.conn)?,
        };
        Ok(())
    }
}
