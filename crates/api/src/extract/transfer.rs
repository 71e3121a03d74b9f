//! The query strings of `POST /users/import` and `GET /users/export`.

use rosterd_app::import::ImportOrder;
use rosterd_domain::field_error::FieldError;
use rosterd_domain::rules::import::ImportOptions;
use rosterd_domain::transfer::{Export, ExportKind, FileKind, Secrets};
use serde_json::json;

use super::query::{FromQuery, Pairs, Parameter};
use super::switch::switch;
use crate::error::ApiError;

macro_rules! switches {
    ($($place:ident $name:literal $about:literal;)*) => {
        $(const $place: Parameter = Parameter {
            name: $name,
            about: $about,
            schema: || json!({ "type": "boolean", "default": false }),
        };)*
    };
}

switches! {
    APPLY "apply" "Write what the preview shows. Without it nothing is written.";
    SKIP_BAD "skip_bad" "Leave out rows that are refused, and write the others.";
    ATOMIC "atomic" "Write all rows in one transaction, at most 10,000.";
    ALLOW_ADMINS "allow_admins" "Let accounts become admins, and cease to be.";
    CREATE_GROUPS "create_groups" "Make groups that do not exist.";
    SET_PASSWORDS "set_passwords" "Give accounts that have a password that of the file, too; their sessions end.";
}

const IMPORT_FORMAT: Parameter = Parameter {
    name: "format",
    about: "The form of the file, or the system whose file it is. Without it the file of another system is recognised (rule \
            T13), else the form is what `Content-Type` says. `firebase` is for the command line alone, where the key is.",
    schema: || json!({ "type": "string", "enum": FileKind::ALL.map(FileKind::as_str) }),
};

const EXPORT_FORMAT: Parameter = Parameter {
    name: "format",
    about: "The form of the file.",
    schema: || json!({ "type": "string", "enum": ["csv", "ndjson"], "default": "csv" }),
};

const FIELDS: Parameter = Parameter {
    name: "fields",
    about: "The columns, separated by commas. Without them a table has name, email, role and groups, and lines of JSON have \
            all columns but hashes and what belongs to sessions.",
    schema: || json!({ "type": "string" }),
};

/// What is asked of an import, and the form of the file where the query says it.
pub(crate) struct AskedImport;

impl FromQuery for AskedImport {
    type Value = (ImportOrder, Option<FileKind>);

    const PARAMETERS: &'static [Parameter] =
        &[APPLY, IMPORT_FORMAT, SKIP_BAD, ATOMIC, ALLOW_ADMINS, CREATE_GROUPS, SET_PASSWORDS];

    fn read(sent: &Pairs) -> Result<Self::Value, ApiError> {
        let is_on = |of: Parameter| Ok::<_, ApiError>(switch(sent, of.name)?.unwrap_or(false));
        let order = ImportOrder {
            apply: is_on(APPLY)?,
            options: ImportOptions {
                skip_bad: is_on(SKIP_BAD)?,
                atomic: is_on(ATOMIC)?,
                allow_admins: is_on(ALLOW_ADMINS)?,
                create_groups: is_on(CREATE_GROUPS)?,
                set_passwords: is_on(SET_PASSWORDS)?,
            },
        };
        let format = sent.find(IMPORT_FORMAT.name).map(str::parse::<FileKind>).transpose();
        let format = format.map_err(|why| refused("enum", IMPORT_FORMAT, &why.to_string()))?;
        Ok((order, format))
    }
}

/// The file that is asked of an export.
pub(crate) struct AskedExport;

impl FromQuery for AskedExport {
    type Value = Export;

    const PARAMETERS: &'static [Parameter] = &[EXPORT_FORMAT, FIELDS];

    fn read(sent: &Pairs) -> Result<Export, ApiError> {
        let kind = sent.find(EXPORT_FORMAT.name).map(str::parse::<ExportKind>).transpose();
        let kind = kind.map_err(|why| refused("enum", EXPORT_FORMAT, &why.to_string()))?.unwrap_or_default();
        Export::new(kind, sent.find(FIELDS.name), Secrets::Kept)
            .map_err(|why| refused("value_error", FIELDS, &why.to_string()))
    }
}

fn refused(kind: &'static str, parameter: Parameter, message: &str) -> ApiError {
    ApiError::validation(vec![FieldError::new(kind, &["query", parameter.name], message)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_is_a_preview_unless_it_is_to_be_applied() {
        let read = |query| AskedImport::read(&Pairs::read(query)?);
        assert_eq!(read("").unwrap(), (ImportOrder::default(), None));
        let (order, kind) = read("apply=true&skip_bad=1&format=ndjson").unwrap();
        assert!(order.apply && order.options.skip_bad && !order.options.allow_admins);
        assert_eq!(kind, Some(FileKind::Ndjson));
        assert!(read("apply=perhaps").is_err() && read("format=xlsx").is_err());
    }

    #[test]
    fn t10_an_export_over_http_has_no_hashes() {
        let read = |query| AskedExport::read(&Pairs::read(query)?);
        assert_eq!(read("format=ndjson").unwrap().kind(), ExportKind::Ndjson);
        for query in ["fields=password_hash", "fields=mfa", "fields=nobody", "fields=", "format=xlsx"] {
            assert!(read(query).is_err(), "{query}");
        }
    }
}
