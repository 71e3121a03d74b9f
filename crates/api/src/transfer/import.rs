//! `POST /users/import`

use std::pin::Pin;
use std::sync::Arc;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::future::{Either, select};
use futures_util::{Stream, stream};
use rosterd_app::import::{ImportFile, ImportOrder, Spool, import};
use rosterd_app::{App, AppError, AppResult};
use rosterd_domain::transfer::{FileKind, ImportProgress, ImportReport};
use serde::Serialize;
use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use utoipa::ToSchema;

use super::upload::Upload;
use crate::auth::{Admin, Caller};
use crate::endpoint::{Made, Operation, Shape};
use crate::error::{ApiError, Body};
use crate::extract::{AskedImport, Query, accept};
use crate::lines::{LINES, wants_lines};
use crate::places::{Place, Places};

/// Imports of this process at a time: each keeps a file, and the writes of others wait for its own.
static IMPORTS: Places = Places::new(2);

/// A line of an answer that reports progress.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ImportLine {
    /// How far the import is.
    Progress(ImportProgress),
    /// The last line: what was done.
    Report(ImportReport),
}

/// A report as JSON, or lines of JSON where the request asks for them.
pub(crate) struct ReportOrLines;

impl Shape for ReportOrLines {
    fn describe(operation: &mut Operation) {
        operation.header(
            "Accept",
            "`application/x-ndjson`: a line after each chunk, and at last one with the report, or with the error.",
        );
        let report = operation.schema::<ImportReport>();
        let line = operation.schema::<ImportLine>();
        let content = json!({ "application/json": { "schema": report }, LINES: { "schema": line } });
        operation.answers(200, "", content, json!({}));
    }
}

/// `POST /users/import`
pub(crate) async fn import_users(
    app: Data<App>,
    caller: Caller<Admin>,
    query: Query<AskedImport>,
    upload: Upload,
    request: HttpRequest,
) -> Result<Made<ReportOrLines>, ApiError> {
    let (order, format) = accept(&app, &caller, query).await?;
    // Nothing is taken of a file that the caller may not send.
    app.me(caller.who()).await?;
    let declared = upload.kind();
    let place = IMPORTS.take()?;
    let spool = upload.into_spool().await?;
    let (spool, kind) = if let Some(kind) = format {
        (spool, kind)
    } else {
        let (spool, found) = recognised(spool).await?;
        (spool, found.or(declared).ok_or_else(no_format)?)
    };
    // The key of a Firebase project stays on the server: such files are imported on the command line.
    let file = ImportFile { kind, spool, firebase_key: None };
    if wants_lines(&request) {
        let lines = lines(app.apart(), caller.into(), file, order, place);
        return Ok(HttpResponse::Ok().content_type(LINES).streaming(lines).into());
    }
    let report = import(&app, caller.into(), file, order, Arc::new(|_progress| ())).await?;
    drop(place);
    Ok(HttpResponse::Ok().json(report).into())
}

/// The system whose file this is, if it is one's (rule T13).
async fn recognised(spool: Spool) -> Result<(Spool, Option<FileKind>), ApiError> {
    let looked = web::block(move || spool.recognise().map(|found| (spool, found))).await;
    match looked {
        Ok(Ok((spool, found))) => Ok((spool, found.map(FileKind::Foreign))),
        _ => Err(AppError::Internal("a file that is imported could not be read").into()),
    }
}

fn no_format() -> ApiError {
    let known = FileKind::names();
    let message =
        format!("Send `format` ({known}), or a Content-Type that says it: text/csv or application/x-ndjson.");
    ApiError::field("missing", &["query", "format"], message)
}

/// An import under way, and what it has told.
struct Lines {
    work: Pin<Box<dyn Future<Output = AppResult<ImportReport>>>>,
    told: UnboundedReceiver<ImportProgress>,
    _place: Place,
}

/// The lines of an import, which goes on as they are taken: whoever goes away ends it behind a chunk.
fn lines(
    app: App,
    caller: rosterd_app::Caller,
    file: ImportFile,
    order: ImportOrder,
    place: Place,
) -> impl Stream<Item = Result<Bytes, ApiError>> {
    let (teller, told) = unbounded_channel();
    let tell = Arc::new(move |progress| {
        // Who does not listen any more need not be told.
        let _ = teller.send(progress);
    });
    let work = Box::pin(async move { import(&app, caller, file, order, tell).await });
    stream::unfold(Some(Lines { work, told, _place: place }), |state| async move {
        let mut lines = state?;
        let next = match select(Box::pin(lines.told.recv()), &mut lines.work).await {
            Either::Left((Some(progress), _)) => Either::Left(progress),
            // The import holds the teller until its end.
            Either::Left((None, work)) => Either::Right(work.await),
            Either::Right((done, _)) => Either::Right(done),
        };
        Some(match next {
            Either::Left(progress) => (line(&ImportLine::Progress(progress)), Some(lines)),
            Either::Right(done) => {
                let mut text = Vec::new();
                while let Ok(progress) = lines.told.try_recv() {
                    text.extend_from_slice(&line(&ImportLine::Progress(progress)).unwrap_or_default());
                }
                text.extend_from_slice(&last_line(done)?);
                (Ok(Bytes::from(text)), None)
            }
        })
    })
}

/// The report, or the error, for which it is too late to be a status.
fn last_line(done: AppResult<ImportReport>) -> Option<Bytes> {
    match done {
        Ok(report) => line(&ImportLine::Report(report)).ok(),
        Err(error) => {
            let error = ApiError::from(error);
            tracing::warn!(target: "rosterd::failure", %error, "an import was interrupted");
            let body: Body<'_> = error.body();
            line(&json!({ "error": body })).ok()
        }
    }
}

fn line(value: &impl Serialize) -> Result<Bytes, ApiError> {
    let mut text = serde_json::to_vec(value)
        .map_err(|_unwritable| AppError::Internal("a line of an import could not be written as JSON"))?;
    text.push(b'\n');
    Ok(text.into())
}
