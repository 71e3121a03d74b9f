//! The servers that rosterd is compared with: actix-web with next to nothing in it.
//!
//! They run as processes of their own, out of this same program, with as many workers as rosterd has by default and
//! an answer as long as a stored settings document.

use std::net::Ipv4Addr;

use actix_web::http::header;
use actix_web::web::{Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use rosterd_app::settings::TokenSecret;
use rosterd_app::tokens::{Claims, Tokens};
use rosterd_domain::ids::UserId;
use rosterd_storage::{DatabaseUrl, Db, Document, Store, StoreError, StoreOptions, TokenId};

use crate::Result;
use crate::cli::{BareOptions, Kind};
use crate::roster::people;

/// The secret of every token here. Nothing outside 127.0.0.1 ever sees one.
pub(crate) const SECRET: &str = "rosterd-bench-secret-of-more-than-32-bytes";

/// Serves until the process is told to end.
pub(crate) fn serve(options: &BareOptions) -> Result<()> {
    let at = (Ipv4Addr::LOCALHOST, options.port);
    let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let body = people::person(0, 1).settings;
    actix_web::rt::System::new().block_on(async {
        match options.kind {
            Kind::Static => {
                let build =
                    move || App::new().default_service(web::to(answer)).app_data(Data::new(body.clone()));
                HttpServer::new(build).workers(workers).bind(at)?.run().await?;
            }
            Kind::Token => {
                let check = Check::new();
                let build = move || {
                    App::new()
                        .app_data(Data::new(check.clone()))
                        .app_data(Data::new(body.clone()))
                        .route("/", web::get().to(answer))
                        .default_service(web::to(checked))
                };
                HttpServer::new(build).workers(workers).bind(at)?.run().await?;
            }
            Kind::Row => {
                let url = options.database.as_deref().ok_or("--database is missing")?;
                let store = Store::open(&StoreOptions::new(DatabaseUrl::parse(url)?))?;
                let build = move || {
                    App::new()
                        .app_data(Data::new(store.clone()))
                        .app_data(Data::new(body.clone()))
                        .route("/", web::get().to(answer))
                        .route("/row/{id}", web::get().to(row))
                };
                HttpServer::new(build).workers(workers).bind(at)?.run().await?;
            }
        }
        Ok(())
    })
}

async fn answer(body: Data<String>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(body.as_str().to_owned())
}

async fn checked(request: HttpRequest, check: Data<Check>, body: Data<String>) -> HttpResponse {
    if check.accepts(&request) { answer(body).await } else { HttpResponse::Unauthorized().finish() }
}

async fn row(id: Path<String>, store: Data<Store>) -> HttpResponse {
    let id = UserId::from_stored(id.into_inner());
    let read =
        move |db: &mut dyn Db| db.find_caller_with(&id, TokenId::Other(Some("none")), Document::Settings);
    let found: Result<_, StoreError> = store.read(read).await;
    match found {
        Ok(Some((_row, settings))) => HttpResponse::Ok()
            .content_type("application/json")
            .body(settings.map_or_else(|| "null".to_owned(), rosterd_domain::JsonText::into_string)),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(_unavailable) => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// `jsonwebtoken` as rosterd uses it, called directly, so that nothing rosterd does around it is counted as bare.
#[derive(Clone)]
struct Check {
    key: DecodingKey,
    validation: Validation,
}

impl Check {
    fn new() -> Self {
        // Installs rosterd's HS256 provider in `jsonwebtoken`.
        let _installed = Tokens::new(&TokenSecret::new(SECRET), None);
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = 0;
        validation.validate_aud = false;
        Self { key: DecodingKey::from_secret(SECRET.as_bytes()), validation }
    }

    fn accepts(&self, request: &HttpRequest) -> bool {
        let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer "));
        token.is_some_and(|token| jsonwebtoken::decode::<Claims>(token, &self.key, &self.validation).is_ok())
    }
}
