//! Tables `rosterd_deleted` and `rosterd_deleted_row`: what is kept of deleted accounts.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::deleted_user::{DeletedCursor, DeletedUser, RestoredRows, RowCounts};
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::{GroupId, UserId};
use rosterd_domain::role::Role;
use rosterd_domain::rules::way_back::Obstacle;

use super::Queries;
use super::dialect::{Backend, PACKED_COLUMNS, by_code_point, for_update, unpacked};
use super::kept_rows::{Shape, filling, insertion, is_there, packed_rows};
use crate::parts::{Column, NOT_KEPT, PARTS, Part};
use crate::schema::{chats, deleted_users, users};
use crate::sql_text::{literal, quoted};
use crate::types::{LossyText, StoredTime};
use crate::{DeletionSize, DeletionWrites, Deletions, StoreResult, carried};

/// A name.
#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: LossyText,
}

/// A table's name, and how many of its rows are meant.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// The same with how many bytes they have.
#[derive(QueryableByName)]
struct Measured {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

/// An account as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = deleted_users)]
struct DeletedColumns {
    user_id: LossyText,
    name: LossyText,
    email: LossyText,
    role: LossyText,
    created_at: StoredTime,
    deleted_at: StoredTime,
    deleted_by: Option<LossyText>,
    row_count: StoredTime,
    bytes: StoredTime,
}

impl From<DeletedColumns> for DeletedUser {
    fn from(row: DeletedColumns) -> Self {
        Self {
            id: UserId::from_stored(row.user_id.into()),
            name: row.name.into(),
            email: row.email.into(),
            role: Role::from_stored(row.role.as_str()),
            created_at: row.created_at.into(),
            deleted_at: row.deleted_at.into(),
            deleted_by: row.deleted_by.map(|id| UserId::from_stored(id.into())),
            rows: row.row_count.into(),
            bytes: row.bytes.into(),
        }
    }
}

impl Deletions for Queries<'_> {
    fn measure_deletion(&mut self, user: &UserId) -> StoreResult<DeletionSize> {
        let shape = Shape::read(self)?;
        let measured: Vec<Measured> =
            diesel::sql_query(shape.measuring()).bind::<Text, _>(user.as_str()).load(self.conn)?;
        let mut size = DeletionSize::default();
        for Measured { name, total, bytes } in measured.into_iter().filter(|measured| measured.total > 0) {
            size.bytes = size.bytes.saturating_add(bytes);
            let is_cleared = PARTS.iter().any(|part| part.table == name && part.cleared.is_some());
            let counts = if is_cleared { &mut size.cleared } else { &mut size.removed };
            counts.insert(name, total);
        }
        Ok(size)
    }

    fn count_not_kept(&mut self, user: &UserId) -> StoreResult<RowCounts> {
        let shape = Shape::read(self)?;
        let there = NOT_KEPT.iter().filter(|table| shape.find(table, "user_id").is_some());
        let each = there.map(|table| {
            format!(
                "SELECT {} AS name, count(*) AS total FROM {} t WHERE t.user_id = $1",
                literal(table),
                quoted(table)
            )
        });
        let sql = each.collect::<Vec<_>>().join(" UNION ALL ");
        let counted: Vec<Counted> = diesel::sql_query(sql).bind::<Text, _>(user.as_str()).load(self.conn)?;
        Ok(by_table(counted))
    }

    fn list_deleted_users(
        &mut self,
        after: Option<&DeletedCursor>,
        limit: i64,
    ) -> StoreResult<Vec<DeletedUser>> {
        if !self.layout.deletions {
            return Ok(Vec::new());
        }
        let id = by_code_point(deleted_users::user_id);
        let mut query = deleted_users::table.select(DeletedColumns::as_select()).into_boxed::<Backend>();
        if let Some(DeletedCursor { deleted_at, id: last }) = after {
            let same_time = deleted_users::deleted_at.eq(*deleted_at).and(id.lt(last.as_str()));
            query = query.filter(deleted_users::deleted_at.lt(*deleted_at).or(same_time));
        }
        let query = query.order((deleted_users::deleted_at.desc(), id.desc())).limit(limit);
        let rows: Vec<DeletedColumns> = query.load(self.conn)?;
        Ok(rows.into_iter().map(DeletedUser::from).collect())
    }

    fn count_deleted_users(&mut self) -> StoreResult<i64> {
        if !self.layout.deletions {
            return Ok(0);
        }
        Ok(deleted_users::table.count().get_result(self.conn)?)
    }

    fn find_deleted_user(&mut self, id: &UserId) -> StoreResult<Option<DeletedUser>> {
        if !self.layout.deletions {
            return Ok(None);
        }
        let query = deleted_users::table.find(id.as_str()).select(DeletedColumns::as_select());
        Ok(query.get_result(self.conn).optional()?.map(DeletedUser::from))
    }

    fn list_deleted_ids_by_email(&mut self, email: &EmailLookup) -> StoreResult<Vec<UserId>> {
        if !self.layout.deletions {
            return Ok(Vec::new());
        }
        let rows: Vec<(LossyText, LossyText)> = deleted_users::table
            .order((deleted_users::deleted_at.desc(), by_code_point(deleted_users::user_id).desc()))
            .select((deleted_users::user_id, deleted_users::email))
            .load(self.conn)?;
        let same = rows.into_iter().filter(|(_, stored)| email.matches(stored.as_str()));
        Ok(same.map(|(id, _)| UserId::from_stored(id.into())).collect())
    }

    fn list_deleted_until(&mut self, until: UnixSeconds, limit: i64) -> StoreResult<Vec<DeletedUser>> {
        if !self.layout.deletions {
            return Ok(Vec::new());
        }
        let query = deleted_users::table
            .filter(deleted_users::deleted_at.le(until))
            .order((deleted_users::deleted_at, by_code_point(deleted_users::user_id)))
            .select(DeletedColumns::as_select())
            .limit(limit);
        let rows: Vec<DeletedColumns> = query.load(self.conn)?;
        Ok(rows.into_iter().map(DeletedUser::from).collect())
    }

    fn find_obstacles(&mut self, id: &UserId) -> StoreResult<Vec<Obstacle>> {
        let shape = Shape::read(self)?;
        let mut obstacles = Vec::new();
        for (table, _rows) in self.count_packed(id)? {
            let part = PARTS.iter().find(|part| part.table == table);
            let Some((part, now)) = part.and_then(|part| Some((part, shape.kept(part)?))) else {
                obstacles.push(Obstacle::TableGone(table));
                continue;
            };
            for name in self.packed_columns(id, &table)? {
                if !now.iter().any(|column| column.name == name) {
                    obstacles.push(Obstacle::ColumnGone(format!("{table}.{name}")));
                }
            }
            let Some(key) = shape.find(part.table, part.key).filter(|_| part.cleared.is_none()) else {
                continue;
            };
            let sql = format!(
                "SELECT {} AS name, count(*) AS total FROM {} t WHERE t.{} IN (SELECT {} FROM {})",
                literal(part.table),
                quoted(part.table),
                quoted(part.key),
                unpacked(key),
                packed_rows(part, &[key])
            );
            let taken: Counted = diesel::sql_query(sql).bind::<Text, _>(id.as_str()).get_result(self.conn)?;
            match taken.total {
                0 => {}
                _ if part.table == "user" => obstacles.push(Obstacle::IdTaken),
                rows => obstacles.push(Obstacle::RowsTaken(table, rows)),
            }
        }
        Ok(obstacles)
    }
}

impl DeletionWrites for Queries<'_> {
    fn keep_deleted_user(&mut self, deleted: &DeletedUser) -> StoreResult<()> {
        if !self.layout.deletions {
            return Ok(());
        }
        let id = deleted.id.as_str();
        carried::note(usize::try_from(deleted.bytes).unwrap_or_default());
        // Nobody adds a message to a chat between the copy and the deletion.
        let of_user = chats::table.filter(chats::user_id.eq(id)).order(chats::id).select(chats::id);
        for_update!(of_user).load::<LossyText>(self.conn)?;
        self.forget_deleted_user(&deleted.id)?;
        let shape = Shape::read(self)?;
        let kept = diesel::sql_query(shape.keeping()).bind::<Text, _>(id).execute(self.conn)?;
        diesel::insert_into(deleted_users::table)
            .values((
                deleted_users::user_id.eq(id),
                deleted_users::name.eq(&deleted.name),
                deleted_users::email.eq(&deleted.email),
                deleted_users::role.eq(deleted.role.as_str()),
                deleted_users::created_at.eq(deleted.created_at),
                deleted_users::deleted_at.eq(deleted.deleted_at),
                deleted_users::deleted_by.eq(deleted.deleted_by.as_ref().map(UserId::as_str)),
                deleted_users::row_count.eq(i64::try_from(kept).unwrap_or(i64::MAX)),
                deleted_users::bytes.eq(deleted.bytes),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn restore_deleted_user(&mut self, id: &UserId, now: UnixSeconds) -> StoreResult<RestoredRows> {
        self.forget_searches();
        let shape = Shape::read(self)?;
        let kept = self.count_packed(id)?;
        let mut done = RestoredRows::default();
        for (part, columns) in shape.parts() {
            let Some(rows) = kept.get(part.table) else { continue };
            let names = self.packed_columns(id, part.table)?;
            let columns: Vec<&Column> =
                columns.into_iter().filter(|column| names.contains(&column.name)).collect();
            if part.table == "group_member" {
                done.groups_gone = self.groups_gone(id, &shape, part)?;
            }
            let sql = match part.cleared {
                None => insertion(&shape, part, &columns),
                Some(cleared) => filling(&shape, part, cleared),
            };
            let written = diesel::sql_query(sql).bind::<Text, _>(id.as_str()).execute(self.conn)?;
            let written = i64::try_from(written).unwrap_or(i64::MAX);
            for (counts, rows) in [(&mut done.restored, written), (&mut done.left_out, rows - written)] {
                if rows > 0 {
                    counts.insert(part.table.to_owned(), rows);
                }
            }
        }
        let row: Option<(LossyText, LossyText)> = users::table
            .find(id.as_str())
            .select((users::name, users::email))
            .get_result(self.conn)
            .optional()?;
        if let Some((name, email)) = row {
            self.insert_search_copy(id.as_str(), name.as_str(), email.as_str())?;
        }
        self.mark_groups_of(id, now)?;
        self.forget_deleted_user(id)?;
        Ok(done)
    }

    fn forget_deleted_user(&mut self, id: &UserId) -> StoreResult<bool> {
        if !self.layout.deletions {
            return Ok(false);
        }
        diesel::sql_query("DELETE FROM rosterd_deleted_row WHERE user_id = $1")
            .bind::<Text, _>(id.as_str())
            .execute(self.conn)?;
        Ok(diesel::delete(deleted_users::table.find(id.as_str())).execute(self.conn)? > 0)
    }
}

impl Queries<'_> {
    /// How many rows of an account are packed, by table.
    fn count_packed(&mut self, id: &UserId) -> StoreResult<RowCounts> {
        let sql = "SELECT table_name AS name, count(*) AS total FROM rosterd_deleted_row WHERE user_id = $1 \
                   GROUP BY table_name";
        let counted: Vec<Counted> = diesel::sql_query(sql).bind::<Text, _>(id.as_str()).load(self.conn)?;
        Ok(by_table(counted))
    }

    /// The columns that packed rows of a table have.
    fn packed_columns(&mut self, id: &UserId, table: &str) -> StoreResult<Vec<String>> {
        let names: Vec<Named> = diesel::sql_query(PACKED_COLUMNS)
            .bind::<Text, _>(id.as_str())
            .bind::<Text, _>(table)
            .load(self.conn)?;
        Ok(names.into_iter().map(|named| named.name.into()).collect())
    }

    /// The groups that packed memberships name and that are gone.
    fn groups_gone(&mut self, id: &UserId, shape: &Shape, part: &Part) -> StoreResult<Vec<GroupId>> {
        let Some(group) = shape.find(part.table, "group_id") else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT CAST({} AS text) AS name FROM {} AND NOT {} ORDER BY 1",
            unpacked(group),
            packed_rows(part, &[group]),
            is_there(group, "group")
        );
        let gone: Vec<Named> = diesel::sql_query(sql).bind::<Text, _>(id.as_str()).load(self.conn)?;
        Ok(gone.into_iter().map(|named| GroupId::from_stored(named.name.into())).collect())
    }
}

fn by_table(counted: Vec<Counted>) -> RowCounts {
    counted
        .into_iter()
        .filter(|counted| counted.total > 0)
        .map(|counted| (counted.name, counted.total))
        .collect()
}
