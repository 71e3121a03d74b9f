//! Table `auth`.

use diesel::prelude::*;
use rosterd_domain::email::EmailAddress;
use rosterd_domain::ids::UserId;
use rosterd_domain::list::fold;
use rosterd_domain::secret::PasswordHash;

use super::Session;
use super::dialect::{by_code_point, folded};
use crate::schema::{auths, users};
use crate::{Auths, StoreResult};

impl Auths for Session<'_> {
    fn find_password_hash(&mut self, id: &UserId) -> StoreResult<Option<PasswordHash>> {
        let hash: Option<String> = auths::table
            .find(id.as_str())
            .filter(auths::active.eq(true))
            .select(auths::password)
            .get_result(self.conn)
            .optional()?;
        Ok(hash.map(PasswordHash::from_stored))
    }

    fn find_sign_in(&mut self, email: &EmailAddress) -> StoreResult<Option<(UserId, PasswordHash)>> {
        /// The first active account with the address by one way to compare them. An `auth` row without its user is
        /// nobody.
        macro_rules! first_where {
            ($address:expr, $email:expr) => {
                auths::table
                    .inner_join(users::table.on(users::id.eq(auths::id)))
                    .filter($address.eq($email))
                    .filter(auths::active.eq(true))
                    .order((users::created_at, by_code_point(users::id)))
                    .select((auths::id, auths::password))
                    .limit(1)
                    .get_result(self.conn)
                    .optional()?
            };
        }
        let email = email.as_str();
        let found: Option<(String, String)> = if self.layout.is_own() {
            first_where!(auths::email, email)
        } else {
            // Compared as stored first: that needs no folding of the whole table for the common case.
            match first_where!(auths::email, email) {
                Some(row) => Some(row),
                None => first_where!(folded(auths::email, self.layout), fold(email)),
            }
        };
        Ok(found.map(|(id, hash)| (UserId::from_stored(id), PasswordHash::from_stored(hash))))
    }

    fn insert_auth(&mut self, id: &UserId, email: &EmailAddress, hash: &PasswordHash) -> StoreResult<()> {
        diesel::insert_into(auths::table)
            .values((
                auths::id.eq(id.as_str()),
                auths::email.eq(email.as_str()),
                auths::password.eq(hash.expose()),
                auths::active.eq(true),
            ))
            .execute(self.conn)?;
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
        new_stamp: Option<&str>,
    ) -> StoreResult<bool> {
        let row = auths::table.find(id.as_str());
        let password = auths::password.eq(hash.expose());
        let written = match new_stamp.filter(|_| self.layout.session_stamp) {
            Some(stamp) => {
                diesel::update(row).set((password, auths::session_stamp.eq(stamp))).execute(self.conn)?
            }
            None => diesel::update(row).set(password).execute(self.conn)?,
        };
        Ok(written > 0)
    }

    fn delete_auth(&mut self, id: &UserId) -> StoreResult<()> {
        diesel::delete(auths::table.find(id.as_str())).execute(self.conn)?;
        Ok(())
    }
}
