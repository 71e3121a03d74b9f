//! An actix-web application that has rosterd's endpoints beside one of its own, `/hello`.
//!
//! Users are kept in `embedded.db` in the current folder. Ctrl-C ends it.
//!
//! `cargo run -p rosterd-api --example embedded`

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::middleware::from_fn;
use actix_web::{App as Actix, HttpServer, Responder, rt, web};
use rosterd_app::App;
use rosterd_app::jobs::{self, Runner};
use rosterd_app::settings::{Settings, TokenSecret};
use rosterd_domain::clock::SystemClock;
use rosterd_storage::{DatabaseUrl, Store, StoreOptions};

fn main() -> Result<(), Box<dyn Error>> {
    // Whoever knows the secret can sign in as anybody: a real one is random, and not in the program.
    let secret = TokenSecret::new("an example's secret, known to everybody");
    let ctrl_c = async { rt::signal::ctrl_c().await.unwrap_or_default() };
    rt::System::new().block_on(serve(
        DatabaseUrl::parse("sqlite:///./embedded.db")?,
        secret,
        ("127.0.0.1", 8080),
        |address| println!("listening on http://{address}; try /hello and /docs/"),
        ctrl_c,
    ))
}

/// Serves until `stop` is ready. `listening` is told the IP and port.
pub(crate) async fn serve(
    database: DatabaseUrl,
    secret: TokenSecret,
    bind_to: (&str, u16),
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<(), Box<dyn Error>> {
    // Opening connects and migrates, which blocks.
    let options = StoreOptions::new(database);
    let store = rt::task::spawn_blocking(move || Store::open(&options)).await??;
    let app = App::new(store, Settings::new(secret), Arc::new(SystemClock))?;

    let configure = rosterd_api::configure(&app);
    let server = HttpServer::new(move || {
        Actix::new()
            // Bodies have a deadline. The last is the outermost: everything is logged, what is refused too.
            .wrap(from_fn(rosterd_api::guard_bodies))
            .wrap(from_fn(rosterd_api::log_requests))
            .route("/hello", web::get().to(hello))
            .configure(configure.clone())
    })
    .disable_signals()
    .bind(bind_to)?;
    let address = server.addrs().first().copied().ok_or("the server has no address")?;
    let server = server.run();
    let handle = server.handle();
    let serving = rt::spawn(server);
    // What happens beside the requests: the activity that was seen is written, what is out of date is removed.
    let jobs = Runner::start(&app, &jobs::ALL);
    listening(address);

    stop.await;
    // In this order: no new requests, the last answers, the last run of the jobs, the end of the connections.
    app.begin_stop();
    handle.stop(true).await;
    serving.await??;
    jobs.stop().await;
    let store = app.store().clone();
    rt::task::spawn_blocking(move || store.close()).await?;
    Ok(())
}

async fn hello() -> impl Responder {
    "Hello from the application around it."
}
