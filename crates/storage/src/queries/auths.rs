//! Table `auth`.

use diesel::prelude::*;
use rosterd_domain::email::{EmailAddress, EmailLookup};
use rosterd_domain::ids::UserId;
use rosterd_domain::secret::PasswordHash;

use super::{Session, addresses};
use crate::schema::auths;
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

    fn find_sign_in(&mut self, email: &EmailLookup) -> StoreResult<Option<(UserId, PasswordHash)>> {
        addresses::find_sign_in(self, email)
    }

    fn insert_auth(&mut self, id: &UserId, email: &str, hash: &PasswordHash) -> StoreResult<()> {
        diesel::insert_into(auths::table)
            .values((
                auths::id.eq(id.as_str()),
                auths::email.eq(email),
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
