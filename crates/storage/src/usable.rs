//! What must hold before a database is used at all, told apart from "there is nothing": an encoding that holds every
//! text, a schema the role can use, tables it can read, no other roster nearby, no migrations of a newer version.

use crate::inspect::{MIGRATIONS_TABLE, Recognised, Schema, Surroundings};
use crate::required;
use crate::{OpenError, Ownership, StoreOptions};

impl Schema {
    /// Whether the database is, or is about to be, ours. `known` are the versions of our migrations.
    ///
    /// # Errors
    /// [`OpenError`], where it is neither ours nor Open WebUI's or cannot be used, and where it is empty and nothing
    /// may be made.
    pub(crate) fn ownership(&self, options: &StoreOptions, known: &[String]) -> Result<Ownership, OpenError> {
        let url = options.url.to_string();
        self.ensure_utf8(&url)?;
        if let Some(around) = &self.around {
            self.ensure_in_reach(around, options, &url)?;
        }
        match self.recognise() {
            Recognised::Standalone => {
                self.ensure_finished(options, &url)?;
                self.ensure_known(known, url).map(|()| Ownership::Standalone)
            }
            Recognised::Attached => Ok(Ownership::Attached),
            Recognised::Empty if !options.create => Err(OpenError::Absent { url }),
            Recognised::Empty if options.migrate => Ok(Ownership::Standalone),
            Recognised::Empty => Err(OpenError::Empty { url }),
            Recognised::Unknown => Err(OpenError::Unrecognised { url }),
        }
    }

    fn ensure_utf8(&self, url: &str) -> Result<(), OpenError> {
        if matches!(self.encoding.as_str(), "UTF8" | "UTF-8") {
            return Ok(());
        }
        let fix = if self.around.is_some() {
            "make one with CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0, and move the rows with \
             pg_dump --encoding=UTF8 and psql"
        } else {
            "make one with `sqlite3 old.db .dump | sqlite3 new.db`"
        };
        Err(OpenError::Encoding { url: url.to_owned(), found: self.encoding.clone(), fix })
    }

    /// The schema can be used, what is in it can be read, and it is the one that was meant.
    fn ensure_in_reach(
        &self,
        around: &Surroundings,
        options: &StoreOptions,
        url: &str,
    ) -> Result<(), OpenError> {
        let named = options.url.schema();
        let (url, role) = (url.to_owned(), around.role.clone());
        let meant = named.is_some();
        let Some(schema) = &around.schema else {
            if !meant && !around.elsewhere.is_empty() {
                return Err(OpenError::Elsewhere {
                    url,
                    schema: None,
                    found: around.elsewhere.clone(),
                    role,
                });
            }
            let (named, there) = (named.map(str::to_owned), around.named_is_there);
            return Err(OpenError::NoSchema { url, named, there, role });
        };
        let unreadable: Vec<String> = required::names()
            .chain(required::OWN.iter().map(|(table, _)| *table))
            .chain([MIGRATIONS_TABLE])
            .filter(|table| around.unreadable.contains(*table))
            .map(str::to_owned)
            .collect();
        if !unreadable.is_empty() {
            return Err(OpenError::Denied { url, schema: schema.clone(), tables: unreadable, role });
        }
        let nothing_known = matches!(self.recognise(), Recognised::Empty | Recognised::Unknown);
        if nothing_known && !meant && !around.elsewhere.is_empty() {
            let (schema, found) = (Some(schema.clone()), around.elsewhere.clone());
            return Err(OpenError::Elsewhere { url, schema, found, role });
        }
        Ok(())
    }

    fn ensure_finished(&self, options: &StoreOptions, url: &str) -> Result<(), OpenError> {
        match &self.migrating {
            Some(source) if !options.unfinished => {
                Err(OpenError::Unfinished { url: url.to_owned(), source_url: source.clone() })
            }
            _ => Ok(()),
        }
    }

    fn ensure_known(&self, known: &[String], url: String) -> Result<(), OpenError> {
        let unknown: Vec<String> =
            self.migrations.iter().filter(|version| !known.contains(version)).cloned().collect();
        if unknown.is_empty() { Ok(()) } else { Err(OpenError::Newer { url, versions: unknown }) }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{DatabaseUrl, OtherSchema};

    fn on_server() -> Schema {
        let around = Surroundings {
            schema: Some("public".to_owned()),
            named_is_there: true,
            role: "roster".to_owned(),
            ..Surroundings::default()
        };
        Schema { typed: true, encoding: "UTF8".to_owned(), around: Some(around), ..Schema::default() }
    }

    fn refusal(schema: &Schema, named: Option<&str>) -> String {
        let mut url = DatabaseUrl::parse("postgresql://u:s3cret@h/d").unwrap();
        if let Some(name) = named {
            url = url.with_schema(name);
        }
        match schema.ownership(&StoreOptions::new(url), &["1".to_owned()]) {
            Ok(ownership) => format!("{ownership:?}"),
            Err(error) => error.to_string(),
        }
    }

    fn around(schema: &mut Schema) -> &mut Surroundings {
        schema.around.as_mut().unwrap()
    }

    #[test]
    fn an_empty_schema_beside_open_webui_s_must_be_meant() {
        let mut schema = on_server();
        assert_eq!(refusal(&schema, None), "Standalone");
        around(&mut schema).elsewhere = vec![OtherSchema {
            name: "openwebui".to_owned(),
            tables: vec!["auth".to_owned(), "user".to_owned()],
            usable: false,
        }];
        let error = refusal(&schema, None);
        for part in [
            "openwebui (auth, user; the role may not use it)",
            "DATABASE_SCHEMA=openwebui",
            "DATABASE_SCHEMA=public",
            "GRANT USAGE ON SCHEMA \"openwebui\" TO \"roster\"",
            "ALTER ROLE \"roster\" SET search_path",
        ] {
            assert!(error.contains(part), "{part}: {error}");
        }
        assert_eq!(refusal(&schema, Some("public")), "Standalone");
        around(&mut schema).schema = None;
        assert!(refusal(&schema, None).contains("DATABASE_SCHEMA=openwebui"));
    }

    #[test]
    fn a_schema_that_is_missing_or_forbidden_is_told() {
        let mut schema = on_server();
        *around(&mut schema) = Surroundings { schema: None, ..Surroundings::default() };
        assert!(refusal(&schema, Some("ow")).contains("CREATE SCHEMA \"ow\""));
        around(&mut schema).named_is_there = true;
        assert!(refusal(&schema, Some("ow")).contains("GRANT USAGE ON SCHEMA \"ow\""));
        assert!(refusal(&schema, None).contains("DATABASE_SCHEMA"));
    }

    #[test]
    fn unreadable_tables_are_named_if_they_are_needed() {
        let mut schema = on_server();
        around(&mut schema).unreadable = BTreeSet::from(["user".to_owned(), "invoices".to_owned()]);
        let error = refusal(&schema, None);
        assert!(error.contains("may not read user in") && error.contains("GRANT SELECT"), "{error}");
    }

    #[test]
    fn other_encodings_and_later_migrations_are_refused() {
        let mut schema = on_server();
        schema.encoding = "LATIN1".to_owned();
        let error = refusal(&schema, None);
        assert!(error.contains("LATIN1") && error.contains("ENCODING 'UTF8'"), "{error}");
        let mut schema = on_server();
        schema.tables.insert(MIGRATIONS_TABLE.to_owned(), [("version".to_owned(), "text".to_owned())].into());
        schema.migrations = vec!["1".to_owned()];
        assert_eq!(refusal(&schema, None), "Standalone");
        schema.migrating = Some("sqlite:///webui.db".to_owned());
        let error = refusal(&schema, None);
        assert!(error.contains("`rosterd migrate-from sqlite:///webui.db`"), "{error}");
        schema.migrating = None;
        schema.migrations.push("2".to_owned());
        assert!(refusal(&schema, None).contains("does not know (2)"));
    }
}
