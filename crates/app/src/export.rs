//! Accounts into a file (rule T10, docs/IMPORT.md).

use std::collections::HashMap;

use rosterd_domain::ids::UserId;
use rosterd_domain::transfer::{AccountRecord, Column, Export};
use rosterd_storage::RecordColumns;

use crate::act::Act;
use crate::app::App;
use crate::caller::Caller;
use crate::error::{AppError, AppResult};

/// Rows that are read at a time: fewer where each may have pictures and documents.
const NARROW: i64 = 1_000;
const WIDE: i64 = 50;

/// A file of all accounts that is being written, part by part. The primary admin comes first, so that the file can be imported
/// into an empty database; the others come by id. Who may not go on is refused at the next part.
#[derive(Debug)]
pub struct Exporting {
    app: App,
    caller: Caller,
    export: Export,
    columns: RecordColumns,
    /// Where the next part begins.
    place: Place,
    rows: u64,
}

#[derive(Debug, Clone)]
enum Place {
    /// With what stands before all rows, and the primary admin.
    Beginning,
    /// Behind this account; `primary` was written before.
    Behind {
        id: Option<UserId>,
        primary: Option<UserId>,
    },
    End,
}

/// Rows of a part, and where the next one begins.
type Part = (Vec<AccountRecord>, Place);

impl Exporting {
    /// Begins.
    #[must_use]
    pub fn new(app: &App, caller: Caller, export: Export) -> Self {
        let any = |columns: &[Column]| columns.iter().any(|column| export.has(*column));
        let columns = RecordColumns {
            images: any(&[Column::ProfileImageUrl, Column::ProfileBannerImageUrl]),
            documents: any(&[Column::Info, Column::Settings, Column::Oauth, Column::Scim, Column::Variables]),
            secrets: any(&[Column::PasswordHash, Column::SessionStamp, Column::Mfa]),
        };
        Self { app: app.apart(), caller, export, columns, place: Place::Beginning, rows: 0 }
    }

    /// How many accounts were written.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The next part of the file; `None` at its end.
    ///
    /// # Errors
    /// [`AppError::AccessProhibited`] for others than admins and the operator; those of the store.
    pub async fn next_part(&mut self) -> AppResult<Option<Vec<u8>>> {
        let mut text = Vec::new();
        let (records, next) = match self.place.clone() {
            Place::End => return Ok(None),
            Place::Beginning => {
                self.export.begin(&mut text);
                let work = self.reading(Self::first);
                self.app.scan(self.caller.clone(), work).await?
            }
            Place::Behind { id, primary } => {
                let work = self
                    .reading(move |act, columns| Self::behind(act, columns, id.as_ref(), primary.as_ref()));
                self.app.scan(self.caller.clone(), work).await?
            }
        };
        for record in &records {
            self.export
                .write(record, &mut text)
                .map_err(|_why| AppError::Internal("an account could not be written into a file"))?;
        }
        self.rows += records.len() as u64;
        self.place = next;
        Ok(Some(text))
    }

    /// Reads rows with the names of their groups, where they are asked for.
    fn reading(
        &self,
        rows: impl FnOnce(&mut Act<'_>, RecordColumns) -> AppResult<Part> + Send + 'static,
    ) -> impl FnOnce(&mut Act<'_>) -> AppResult<Part> + Send + 'static {
        let (columns, with_groups) = (self.columns, self.export.has(Column::Groups));
        move |act| {
            act.actor().ensure_admin()?;
            if columns.secrets {
                act.actor().ensure_operator()?;
            }
            let (mut records, next) = rows(act, columns)?;
            if with_groups {
                add_groups(act, &mut records)?;
            }
            Ok((records, next))
        }
    }

    fn first(act: &mut Act<'_>, columns: RecordColumns) -> AppResult<Part> {
        let primary = act.read().find_primary_admin()?;
        let record = match &primary {
            Some(id) => act.read().find_record(id, columns)?,
            None => None,
        };
        Ok((record.into_iter().collect(), Place::Behind { id: None, primary }))
    }

    fn behind(
        act: &mut Act<'_>,
        columns: RecordColumns,
        id: Option<&UserId>,
        primary: Option<&UserId>,
    ) -> AppResult<Part> {
        let limit = if columns.images || columns.documents { WIDE } else { NARROW };
        let mut records = act.read().list_records(id, limit, columns)?;
        let is_full = i64::try_from(records.len()).is_ok_and(|rows| rows >= limit);
        let last = records.last().and_then(|record| record.rest.id.clone()).filter(|_| is_full);
        let next = match last {
            Some(id) => Place::Behind { id: Some(UserId::from_stored(id)), primary: primary.cloned() },
            None => Place::End,
        };
        records.retain(|record| record.rest.id.as_deref() != primary.map(UserId::as_str));
        Ok((records, next))
    }
}

fn add_groups(act: &mut Act<'_>, records: &mut [AccountRecord]) -> AppResult<()> {
    let ids: Vec<UserId> =
        records.iter().filter_map(|record| record.rest.id.clone()).map(UserId::from_stored).collect();
    let mut of_users = HashMap::<String, Vec<String>>::new();
    for (user, name) in act.read().list_group_names_of_all(&ids)? {
        of_users.entry(user.into_string()).or_default().push(name);
    }
    for record in records {
        let names = record.rest.id.as_ref().and_then(|id| of_users.remove(id));
        record.groups = Some(names.unwrap_or_default());
    }
    Ok(())
}
