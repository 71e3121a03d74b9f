//! Table `rosterd_attempt`.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use rosterd_domain::rules::attempts::Attempts;

use super::Queries;
use super::dialect::NOW;
use crate::fragments::Statement;
use crate::{CountedAttempts, SignInAttempts, StoreResult};

/// Place, beginning, attempts, attempts before, and the second it is.
type Row = (i64, i64, i64, i64, i64);

impl SignInAttempts for Queries<'_> {
    fn lock_attempts(&mut self, places: &[i64]) -> StoreResult<CountedAttempts> {
        let mut statement = insert();
        for (number, place) in places.iter().enumerate() {
            let begin = if number == 0 { " (" } else { ", (" };
            statement = statement.sql(begin).number(*place).sql(", ").sql(NOW).sql(", 0, 0)");
        }
        // An update that changes nothing: it locks the row, and gives it as whoever had the lock before has left it.
        let rows: Vec<Row> = statement
            .sql(
                " ON CONFLICT (place) DO UPDATE SET place = excluded.place \
                 RETURNING place, began_at, attempts, attempts_before, ",
            )
            .sql(NOW)
            .rows::<(BigInt, BigInt, BigInt, BigInt, BigInt)>()
            .load(self.conn)?;
        let now = rows.iter().map(|row| row.4).max().unwrap_or_default();
        let counted = rows
            .into_iter()
            .map(|(place, began_at, count, before, _)| (place, Attempts { began_at, count, before }));
        Ok(CountedAttempts { now, counted: counted.collect() })
    }

    fn keep_attempts(&mut self, counted: &[(i64, Attempts)]) -> StoreResult<()> {
        let mut statement = insert();
        for (number, (place, attempts)) in counted.iter().enumerate() {
            let begin = if number == 0 { " (" } else { ", (" };
            statement = statement.sql(begin).number(*place);
            for value in [attempts.began_at, attempts.count, attempts.before] {
                statement = statement.sql(", ").number(value);
            }
            statement = statement.sql(")");
        }
        statement
            .sql(
                " ON CONFLICT (place) DO UPDATE SET began_at = excluded.began_at, attempts = excluded.attempts, \
                 attempts_before = excluded.attempts_before",
            )
            .execute(self.conn)?;
        Ok(())
    }

    fn forget_attempts(&mut self, window_seconds: i64) -> StoreResult<usize> {
        if !self.layout.attempts {
            return Ok(0);
        }
        let forgotten = Statement::new("DELETE FROM rosterd_attempt WHERE began_at <= ")
            .sql(NOW)
            .sql(" - ")
            .number(window_seconds.saturating_mul(2))
            .execute(self.conn)?;
        Ok(forgotten)
    }
}

fn insert() -> Statement<'static> {
    Statement::new("INSERT INTO rosterd_attempt (place, began_at, attempts, attempts_before) VALUES")
}
