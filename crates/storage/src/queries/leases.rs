//! Table `rosterd_lease`.

use diesel::prelude::*;

use super::Queries;
use super::dialect::NOW;
use crate::fragments::Statement;
use crate::{Leases, StoreResult};

impl Leases for Queries<'_> {
    fn take_lease(&mut self, name: &str, holder: &str, seconds: i64) -> StoreResult<bool> {
        let taken = Statement::new("INSERT INTO rosterd_lease (name, holder, until) VALUES (")
            .text(name)
            .sql(", ")
            .text(holder)
            .sql(", ")
            .sql(NOW)
            .sql(" + ")
            .number(seconds)
            .sql(
                ") ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until \
                 WHERE rosterd_lease.holder = excluded.holder OR rosterd_lease.until <= ",
            )
            .sql(NOW)
            .execute(self.conn)?;
        Ok(taken > 0)
    }

    fn renew_lease(&mut self, name: &str, holder: &str, seconds: i64) -> StoreResult<bool> {
        let renewed = Statement::new("UPDATE rosterd_lease SET until = ")
            .sql(NOW)
            .sql(" + ")
            .number(seconds)
            .sql(" WHERE name = ")
            .text(name)
            .sql(" AND holder = ")
            .text(holder)
            .execute(self.conn)?;
        Ok(renewed > 0)
    }

    fn give_back_lease(&mut self, name: &str, holder: &str) -> StoreResult<bool> {
        let given = Statement::new("DELETE FROM rosterd_lease WHERE name = ")
            .text(name)
            .sql(" AND holder = ")
            .text(holder)
            .execute(self.conn)?;
        Ok(given > 0)
    }
}
