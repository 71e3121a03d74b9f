//! `GET /users/export`

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Data;
use bytes::Bytes;
use futures_util::{Stream, stream};
use rosterd_app::App;
use rosterd_app::export::Exporting;
use serde_json::json;

use crate::auth::{Admin, Caller};
use crate::endpoint::{Made, Operation, Shape};
use crate::error::ApiError;
use crate::extract::{AskedExport, Query, accept};
use crate::lines::LINES;

/// A file of accounts.
pub(crate) struct AccountFile;

impl Shape for AccountFile {
    fn describe(operation: &mut Operation) {
        let text = json!({ "schema": { "type": "string" } });
        let name = json!({ "description": "A name for the file.", "schema": { "type": "string" } });
        let content = json!({ "text/csv": text, LINES: text });
        operation.answers(200, "", content, json!({ "Content-Disposition": name }));
    }
}

/// `GET /users/export`: written as it is read, so that memory does not grow with the roster.
pub(crate) async fn export_users(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<AskedExport>,
) -> Result<Made<AccountFile>, ApiError> {
    let export = accept(&app, &caller, query).await?;
    let kind = export.kind();
    let mut exporting = Exporting::new(&app, caller.into(), export);
    // The first part decides the status.
    let first = exporting.next_part().await?.unwrap_or_default();
    Ok(HttpResponse::Ok()
        .content_type(kind.media_type())
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"users.{kind}\"")))
        .streaming(parts(exporting, first))
        .into())
}

fn parts(exporting: Exporting, first: Vec<u8>) -> impl Stream<Item = Result<Bytes, ApiError>> {
    stream::unfold((Some(exporting), Some(first)), |(exporting, first)| async move {
        let mut exporting = exporting?;
        if let Some(first) = first {
            return Some((Ok(first.into()), (Some(exporting), None)));
        }
        match exporting.next_part().await {
            Ok(None) => None,
            Ok(Some(part)) => Some((Ok(part.into()), (Some(exporting), None))),
            Err(error) => {
                // The status is long sent. Breaking the connection off is what tells the client.
                tracing::error!(target: "rosterd::failure", %error, "an export was interrupted");
                Some((Err(error.into()), (None, None)))
            }
        }
    })
}
