//! Table `auth`.

use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};
use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::secret::PasswordHash;

use super::dialect::for_update;
use super::{Queries, emails};
use crate::schema::auths;
use crate::types::{LossyText, StoredJson, json_text, text};
use crate::{AuthWrites, Auths, HASH_BEGINNING, HASH_SAMPLE, NewStamp, SignIn, StoreResult};

#[diesel::declare_sql_function]
extern "SQL" {
    /// Part of a text: from the first of these characters (1 is the beginning), so many.
    fn substr(text: Text, from: Integer, count: Integer) -> Text;
}

/// Hash, whether the account is active, and its stamp.
pub(super) type SignInColumns = (LossyText, Option<bool>, Option<LossyText>);

/// No stamp, where the layout has none.
macro_rules! no_stamp {
    () => {
        None::<&str>.into_sql::<Nullable<Text>>()
    };
}
pub(super) use no_stamp;

/// What the columns say of this account.
pub(super) fn sign_in(id: UserId, (hash, active, session_stamp): SignInColumns) -> SignIn {
    SignIn {
        id,
        hash: PasswordHash::from_stored(hash.into()),
        active: active != Some(false),
        session_stamp: text(session_stamp),
    }
}

impl Auths for Queries<'_> {
    fn find_sign_in_of(&mut self, id: &UserId) -> StoreResult<Option<SignIn>> {
        macro_rules! find {
            ($stamp:expr) => {
                auths::table
                    .find(id.as_str())
                    .select((auths::password, auths::active, $stamp))
                    .get_result::<SignInColumns>(self.conn)
                    .optional()?
            };
        }
        let found = if self.layout.session_stamp { find!(auths::session_stamp) } else { find!(no_stamp!()) };
        Ok(found.map(|columns| sign_in(id.clone(), columns)))
    }

    fn find_sign_in(&mut self, email: &EmailLookup) -> StoreResult<Option<SignIn>> {
        emails::find_sign_in(self, email)
    }

    fn find_second_factor(&mut self, id: &UserId) -> StoreResult<Option<JsonText>> {
        if !self.layout.newer.mfa {
            return Ok(None);
        }
        let query = auths::table.find(id.as_str()).select(auths::mfa);
        let mfa: Option<Option<StoredJson>> = query.get_result(self.conn).optional()?;
        Ok(json_text(mfa.flatten()))
    }

    fn lock_second_factor(&mut self, id: &UserId) -> StoreResult<Option<JsonText>> {
        if !self.layout.newer.mfa {
            return Ok(None);
        }
        let query = auths::table.find(id.as_str()).select(auths::mfa);
        let mfa: Option<Option<StoredJson>> = for_update!(query).get_result(self.conn).optional()?;
        Ok(json_text(mfa.flatten()))
    }

    fn sample_hash_beginnings(&mut self) -> StoreResult<Vec<String>> {
        let mut from = |id: &str, rows: i64| {
            auths::table
                .filter(auths::id.ge(id))
                .order(auths::id)
                .select((auths::id, substr(auths::password, 1, HASH_BEGINNING)))
                .limit(rows)
                .load::<(LossyText, LossyText)>(self.conn)
        };
        let mut sample = from("", HASH_SAMPLE)?;
        if i64::try_from(sample.len()).is_ok_and(|rows| rows == HASH_SAMPLE) {
            // The first rows may all be old ones. Ids are random and begin with a hexadecimal digit, each about as often.
            sample.clear();
            for digit in "0123456789abcdef".chars() {
                sample.extend(from(&digit.to_string(), HASH_SAMPLE / 16)?);
            }
        }
        Ok(sample.into_iter().map(|(_, beginning)| beginning.into()).collect())
    }
}

impl AuthWrites for Queries<'_> {
    fn insert_auth(
        &mut self,
        id: &UserId,
        email: &str,
        hash: &PasswordHash,
        stamp: Option<&str>,
    ) -> StoreResult<()> {
        let account = (
            auths::id.eq(id.as_str()),
            auths::email.eq(email),
            auths::password.eq(hash.expose()),
            auths::active.eq(true),
        );
        let insert = diesel::insert_into(auths::table);
        if self.layout.session_stamp {
            insert.values((account, auths::session_stamp.eq(stamp))).execute(self.conn)?;
        } else {
            insert.values(account).execute(self.conn)?;
        }
        Ok(())
    }

    fn update_auth_email(&mut self, id: &UserId, email: &EmailAddress) -> StoreResult<()> {
        diesel::update(auths::table.find(id.as_str()))
            .set(auths::email.eq(email.as_str()))
            .execute(self.conn)?;
        Ok(())
    }

    fn update_password(
        &mut self,
        id: &UserId,
        hash: &PasswordHash,
        new: Option<&NewStamp>,
    ) -> StoreResult<bool> {
        let row = auths::table.find(id.as_str());
        let password = auths::password.eq(hash.expose());
        let written = match new.filter(|_| self.layout.session_stamp) {
            Some(NewStamp { stamp, mfa: None }) => {
                diesel::update(row).set((password, auths::session_stamp.eq(stamp))).execute(self.conn)?
            }
            Some(NewStamp { stamp, mfa: Some(mfa) }) => {
                let stamped = (auths::session_stamp.eq(stamp), auths::mfa.eq(StoredJson::from(mfa)));
                diesel::update(row).set((password, stamped)).execute(self.conn)?
            }
            None => diesel::update(row).set(password).execute(self.conn)?,
        };
        Ok(written > 0)
    }

    fn replace_stamp(&mut self, id: &UserId, new: &NewStamp) -> StoreResult<bool> {
        if !self.layout.session_stamp {
            return Ok(false);
        }
        let row = auths::table.find(id.as_str());
        let stamp = auths::session_stamp.eq(&new.stamp);
        let written = match &new.mfa {
            Some(mfa) => {
                diesel::update(row).set((stamp, auths::mfa.eq(StoredJson::from(mfa)))).execute(self.conn)?
            }
            None => diesel::update(row).set(stamp).execute(self.conn)?,
        };
        Ok(written > 0)
    }

    fn set_active(&mut self, id: &UserId, active: bool) -> StoreResult<bool> {
        let row = auths::table.find(id.as_str());
        Ok(diesel::update(row).set(auths::active.eq(active)).execute(self.conn)? > 0)
    }

    fn delete_auth(&mut self, id: &UserId) -> StoreResult<()> {
        diesel::delete(auths::table.find(id.as_str())).execute(self.conn)?;
        Ok(())
    }
}
