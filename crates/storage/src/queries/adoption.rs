//! What `rosterd adopt` looks for and adds.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rosterd_domain::email::comparable;
use rosterd_domain::ids::UserId;

use super::dialect::{ADDITIONS, IS_MIGRATING, RowByRow, by_code_point};
use super::{Queries, inspect};
use crate::adopt::{Addition, SHARED, SHARED_EMAIL, UNIQUE_EMAIL};
use crate::fragments::Statement;
use crate::schema::{api_keys, auths, group_members, groups, oauth_sessions, users};
use crate::types::LossyText;
use crate::{AdoptReport, Adoption, DuplicateEmail, MigrationUpkeep, Orphans, StoreResult, migrate_from};

impl Adoption for Queries<'_> {
    fn find_defects(&mut self) -> StoreResult<AdoptReport> {
        let duplicate_emails = self.find_duplicate_emails()?;
        let missing = self.missing(&duplicate_emails)?;
        Ok(AdoptReport {
            orphans: self.find_orphans()?,
            missing: missing.iter().map(|addition| addition.name.to_owned()).collect(),
            duplicate_emails,
        })
    }

    fn add_missing(&mut self) -> StoreResult<Vec<String>> {
        let duplicates = self.find_duplicate_emails()?;
        let missing = self.missing(&duplicates)?;
        for addition in &missing {
            self.conn.batch_execute(addition.sql)?;
        }
        Ok(missing.iter().map(|addition| addition.name.to_owned()).collect())
    }
}

impl MigrationUpkeep for Queries<'_> {
    fn end_migration(&mut self, run: &str) -> StoreResult<bool> {
        let migrating: i64 = Statement::new(IS_MIGRATING).rows::<BigInt>().get_result(self.conn)?;
        if migrating == 0 {
            return Ok(false);
        }
        // Changes nothing, and keeps other runs from taking over until this transaction ends.
        let own =
            Statement::new("UPDATE rosterd_migrating SET value = value WHERE name = 'run' AND value = ")
                .text(run)
                .execute(self.conn)?;
        let noted: Vec<(LossyText, LossyText)> = Statement::new("SELECT name, value FROM rosterd_migrating")
            .rows::<(Text, Text)>()
            .load(self.conn)?;
        if own == 0
            || !migrate_from::is_done(noted.iter().map(|(name, value)| (name.as_str(), value.as_str())))
        {
            return Ok(false);
        }
        self.conn.batch_execute(&format!("DROP TABLE {}", migrate_from::STATE))?;
        Ok(true)
    }
}

impl Queries<'_> {
    /// Compared here rather than by the database, whose index may fold less than rule R2 asks for.
    fn find_duplicate_emails(&mut self) -> StoreResult<Vec<DuplicateEmail>> {
        let mut by_email: BTreeMap<String, Vec<UserId>> = BTreeMap::new();
        let all = users::table
            .order((users::created_at, by_code_point(users::id)))
            .select((users::id, users::email));
        for row in all.load_iter::<(LossyText, LossyText), RowByRow>(self.conn)? {
            let (id, email) = row?;
            by_email.entry(comparable(email.as_str())).or_default().push(UserId::from_stored(id.into()));
        }
        let shared = by_email.into_iter().filter(|(_, users)| users.len() > 1);
        Ok(shared.map(|(email, users)| DuplicateEmail { email, users }).collect())
    }

    fn find_orphans(&mut self) -> StoreResult<Vec<Orphans>> {
        /// The ids of the table's rows for which the condition holds.
        macro_rules! orphans {
            ($table:ident, $condition:expr) => {
                $table::table
                    .filter($condition)
                    .order(by_code_point($table::id))
                    .select($table::id)
                    .load(self.conn)?
            };
        }
        /// No user has this id.
        macro_rules! nobody {
            ($id:expr) => {
                not(exists(users::table.filter(users::id.nullable().eq($id.nullable())).select(users::id)))
            };
        }
        let no_group =
            not(exists(groups::table.filter(groups::id.eq(group_members::group_id)).select(groups::id)));
        let found: [(&'static str, Vec<LossyText>); 4] = [
            ("auth", orphans!(auths, nobody!(auths::id))),
            ("api_key", orphans!(api_keys, nobody!(api_keys::user_id))),
            ("group_member", orphans!(group_members, nobody!(group_members::user_id).or(no_group))),
            ("oauth_session", orphans!(oauth_sessions, nobody!(oauth_sessions::user_id))),
        ];
        let found = found.into_iter().filter(|(_, ids)| !ids.is_empty());
        let texts = |ids: Vec<LossyText>| ids.into_iter().map(String::from).collect();
        Ok(found.map(|(table, ids)| Orphans { table, ids: texts(ids) }).collect())
    }

    /// What an attached database lacks; nothing for an own one, which has it all from its migrations.
    fn missing(&mut self, duplicates: &[DuplicateEmail]) -> StoreResult<Vec<&'static Addition>> {
        if self.layout.is_standalone() {
            return Ok(Vec::new());
        }
        let schema = inspect(self.conn)?;
        let has = |name: &str| schema.indexes.contains(name) || schema.tables.contains_key(name);
        let email = if duplicates.is_empty() { &UNIQUE_EMAIL } else { &SHARED_EMAIL };
        let wanted = ADDITIONS.iter().chain(SHARED).chain([email]);
        Ok(wanted.filter(|addition| !has(addition.name) && !addition.instead.is_some_and(has)).collect())
    }
}
