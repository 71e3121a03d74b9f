//! Accounts out of files and into them.

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use rosterd_domain::transfer::{ExportKind, FileKind, ImportReport};

use crate::client::{Client, read, send};
use crate::error::Error;

/// What an import is asked to do. Without anything: to say what it would do with a table, and to write nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportQuery {
    kind: FileKind,
    switches: Vec<&'static str>,
}

impl ImportQuery {
    /// A preview of a file of this form.
    #[must_use]
    pub fn new(kind: FileKind) -> Self {
        Self { kind, switches: Vec::new() }
    }

    /// Write what the preview shows.
    #[must_use]
    pub fn apply(self) -> Self {
        self.with("apply")
    }

    /// Leave out rows that are refused, and write the others.
    #[must_use]
    pub fn skip_bad(self) -> Self {
        self.with("skip_bad")
    }

    /// Write all rows in one transaction.
    #[must_use]
    pub fn atomic(self) -> Self {
        self.with("atomic")
    }

    /// Let accounts become admins, and cease to be.
    #[must_use]
    pub fn allow_admins(self) -> Self {
        self.with("allow_admins")
    }

    /// Make groups that do not exist.
    #[must_use]
    pub fn create_groups(self) -> Self {
        self.with("create_groups")
    }

    /// Give accounts that have a password that of the file, too.
    #[must_use]
    pub fn set_passwords(self) -> Self {
        self.with("set_passwords")
    }

    fn with(mut self, switch: &'static str) -> Self {
        self.switches.push(switch);
        self
    }
}

/// # Files of accounts
impl Client {
    /// Makes and changes accounts as a file says, or says what that would do. For admins.
    ///
    /// A file with rows that are refused is no error: the report names them, and its `outcome` says whether anything was written.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn import_users(
        &self,
        query: &ImportQuery,
        file: impl Into<reqwest::Body>,
    ) -> Result<ImportReport, Error> {
        let switches: Vec<_> = query.switches.iter().map(|switch| (*switch, "true")).collect();
        let request = self.request(Method::POST, &["api", "v1", "users", "import"]).query(&switches);
        let request = request.query(&[("format", query.kind.as_str())]);
        read(send(request.header(CONTENT_TYPE, "application/octet-stream").body(file)).await?).await
    }

    /// All accounts as a file, in parts as they are read; `fields` are its columns, the usual ones where there are none. For
    /// admins.
    ///
    /// # Errors
    /// [`Error`], also in the stream.
    pub async fn export_users(
        &self,
        kind: ExportKind,
        fields: &[&str],
    ) -> Result<impl Stream<Item = Result<Bytes, Error>> + use<>, Error> {
        let mut request = self.request(Method::GET, &["api", "v1", "users", "export"]);
        request = request.query(&[("format", kind.to_string())]);
        if !fields.is_empty() {
            request = request.query(&[("fields", fields.join(","))]);
        }
        Ok(send(request).await?.bytes_stream().map_err(Error::Transport))
    }
}
