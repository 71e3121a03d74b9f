//! Table `rosterd_setup_token`.

use diesel::prelude::*;
use diesel::upsert::excluded;
use rosterd_domain::secret::SetupToken;

use super::Queries;
use crate::schema::setup_tokens::dsl::{id, setup_tokens, token as column};
use crate::types::LossyText;
use crate::{SetupTokens, StoreResult};

/// The id of the one row.
const ONLY: i64 = 1;

impl SetupTokens for Queries<'_> {
    fn find_setup_token(&mut self) -> StoreResult<Option<SetupToken>> {
        if !self.layout.is_standalone() {
            return Ok(None);
        }
        let stored: Option<LossyText> =
            setup_tokens.find(ONLY).select(column).get_result(self.conn).optional()?;
        Ok(stored.map(|text| SetupToken::from_stored(text.into())))
    }

    fn keep_setup_token(&mut self, token: &SetupToken) -> StoreResult<()> {
        if self.layout.is_standalone() {
            diesel::insert_into(setup_tokens)
                .values((id.eq(ONLY), column.eq(token.expose())))
                .on_conflict(id)
                .do_nothing()
                .execute(self.conn)?;
        }
        Ok(())
    }

    fn replace_setup_token(&mut self, token: &SetupToken) -> StoreResult<()> {
        if self.layout.is_standalone() {
            diesel::insert_into(setup_tokens)
                .values((id.eq(ONLY), column.eq(token.expose())))
                .on_conflict(id)
                .do_update()
                .set(column.eq(excluded(column)))
                .execute(self.conn)?;
        }
        Ok(())
    }

    fn forget_setup_token(&mut self) -> StoreResult<bool> {
        if !self.layout.is_standalone() {
            return Ok(false);
        }
        Ok(diesel::delete(setup_tokens).execute(self.conn)? > 0)
    }
}
