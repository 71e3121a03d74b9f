//! What users reach: tables `model`, `knowledge`, `tool` and `access_grant` of the newer Open WebUI (rule N15).

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::preview::{Reachable, Reached, ReachedItem};

use super::Queries;
use super::dialect::CODE_POINTS;
use super::group_tree::ABOVE;
use crate::fragments::Statement;
use crate::types::LossyText;
use crate::{Reaches, StoreResult};

/// How one kind is kept.
struct Kind {
    there: bool,
    /// `FROM` with the rows `r` that count at all.
    from: &'static str,
    /// The condition on a grant `a` of a row.
    granted: &'static str,
    /// What the order begins with.
    order: &'static str,
}

impl Queries<'_> {
    fn kind(&self, kind: Reachable) -> Kind {
        let newer = self.layout.newer;
        match kind {
            Reachable::Model => Kind {
                there: newer.model,
                from: " FROM model r WHERE r.is_active",
                granted: "a.resource_type = 'model'",
                order: "",
            },
            Reachable::Knowledge => Kind {
                there: newer.knowledge,
                from: " FROM knowledge r WHERE 1 = 1",
                granted: "a.resource_type = 'knowledge'",
                order: "r.updated_at DESC NULLS LAST, ",
            },
            Reachable::Tool => Kind {
                there: newer.tool,
                from: " FROM tool r WHERE 1 = 1",
                granted: "a.resource_type = 'tool'",
                order: "r.updated_at DESC NULLS LAST, ",
            },
        }
    }
}

impl Reaches for Queries<'_> {
    fn list_reached(&mut self, user: &UserId, kind: Reachable) -> StoreResult<Reached> {
        let user = user.as_str();
        let mut query = Statement::new("");
        if self.layout.group_parents {
            query = query.sql(ABOVE.0).text(user).sql(ABOVE.1);
        }
        let Kind { there, from, granted, order } = self.kind(kind);
        if !there {
            return Ok(Reached::default());
        }
        query = query.sql("SELECT r.id, r.name").sql(from).sql(" AND (r.user_id = ").text(user);
        if self.layout.newer.access_grant {
            query = query.sql(" OR ").sql(A_GRANT).sql(granted).sql(TO_READ).sql("'*', ").text(user);
            query = query.sql(") OR ").sql(TO_A_GROUP);
            query = if self.layout.group_parents {
                query.sql("SELECT id FROM above")
            } else {
                query.sql("SELECT group_id FROM group_member WHERE user_id = ").text(user)
            };
            query = query.sql(")))");
        }
        self.load_reached(query.sql(")"), from, order)
    }

    fn list_reached_by_group(&mut self, group: &GroupId, kind: Reachable) -> StoreResult<Reached> {
        let Kind { there, from, granted, order } = self.kind(kind);
        if !there {
            return Ok(Reached::default());
        }
        let (before, after) = self.line();
        let query = Statement::new(before).text(group.as_str()).sql(after);
        let query = query.sql("SELECT r.id, r.name").sql(from).sql(" AND ");
        let query = if self.layout.newer.access_grant {
            let query = query.sql(A_GRANT).sql(granted).sql(TO_READ).sql("'*') OR ").sql(TO_A_GROUP);
            query.sql("SELECT id FROM line)))")
        } else {
            query.sql("1 = 0")
        };
        self.load_reached(query, from, order)
    }
}

/// A grant `a` of a row `r`, up to what it is of.
const A_GRANT: &str = "EXISTS (SELECT 1 FROM access_grant a WHERE ";

/// That it is one to read, up to the users that it may be for.
const TO_READ: &str = " AND a.resource_id = r.id AND a.permission = 'read' AND \
                       (a.principal_type = 'user' AND a.principal_id IN (";

/// That it is for a group, up to the groups.
const TO_A_GROUP: &str = "a.principal_type = 'group' AND a.principal_id IN (";

impl Queries<'_> {
    /// Runs a query for rows `r`, and counts how many there are at all.
    fn load_reached(
        &mut self,
        query: Statement<'_>,
        from: &'static str,
        order: &'static str,
    ) -> StoreResult<Reached> {
        let query = query.sql(" ORDER BY ").sql(order).sql("r.id").sql(CODE_POINTS);
        let rows: Vec<(LossyText, LossyText)> = query.rows::<(Text, Text)>().load(self.conn)?;
        let totals: Vec<i64> =
            Statement::new("SELECT count(*)").sql(from).rows::<BigInt>().load(self.conn)?;
        Ok(Reached {
            items: rows
                .into_iter()
                .map(|(id, name)| ReachedItem { id: id.into(), name: name.into() })
                .collect(),
            total: totals.into_iter().next().unwrap_or_default(),
        })
    }
}
