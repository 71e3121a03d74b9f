//! Table `rosterd_lease`.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Queries;
use super::dialect::{IS_MIGRATING, NOW};
use crate::fragments::Statement;
use crate::inspect::MIGRATING;
use crate::types::LossyText;
use crate::upkeep::SERVER;
use crate::{Leases, Servers, StoreResult};

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

impl Servers for Queries<'_> {
    fn note_server(&mut self, id: &str, seconds: i64) -> StoreResult<Option<String>> {
        // Before the look: a migration locks the table, and then either waits here or finds this row.
        let name = format!("{SERVER}{id}");
        self.take_lease(&name, id, seconds)?;
        let migrating: i64 = Statement::new(IS_MIGRATING).rows::<BigInt>().get_result(self.conn)?;
        if migrating > 0 {
            self.forget_server(id)?;
            let sources: Vec<LossyText> = Statement::new(MIGRATING).rows::<Text>().load(self.conn)?;
            return Ok(Some(sources.into_iter().map(String::from).collect()));
        }
        Statement::new("DELETE FROM rosterd_lease WHERE name LIKE 'server %' AND until < ")
            .sql(NOW)
            .sql(" - 86400")
            .execute(self.conn)?;
        Ok(None)
    }

    fn forget_server(&mut self, id: &str) -> StoreResult<()> {
        let name = format!("{SERVER}{id}");
        self.give_back_lease(&name, id)?;
        Ok(())
    }
}
