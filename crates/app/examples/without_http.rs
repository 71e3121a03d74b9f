//! rosterd's use cases without HTTP: a program that keeps users and groups of its own.
//!
//! The database is in memory, so nothing is left behind.
//!
//! `cargo run -p rosterd-app --example without_http`

use std::error::Error;
use std::sync::Arc;

use rosterd_app::groups::{self, GroupDraft};
use rosterd_app::jobs::{self, Runner};
use rosterd_app::registration::{self, NewAccount};
use rosterd_app::settings::{Settings, TokenSecret};
use rosterd_app::{App, AppError, Caller, Listener, Record, permissions, users};
use rosterd_domain::clock::SystemClock;
use rosterd_domain::group::GroupName;
use rosterd_domain::ids::UserId;
use rosterd_domain::json::JsonText;
use rosterd_domain::name::UserName;
use rosterd_domain::profile_image::ProfileImageUrl;
use rosterd_domain::rules::way_back::Keep;
use rosterd_domain::secret::PlainPassword;
use rosterd_storage::{DatabaseUrl, Store, StoreOptions};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let listener = |record: &Record| println!("event: {}", record.to_json());
    for line in run(Arc::new(listener)).await? {
        println!("{line}");
    }
    Ok(())
}

/// Does it all and gives what is to be said about it. `listener` is told of every change.
pub(crate) async fn run(listener: Listener) -> Result<Vec<String>, Box<dyn Error>> {
    // Opening connects and migrates, which blocks.
    let options = StoreOptions::new(DatabaseUrl::parse("sqlite://:memory:")?);
    let store = tokio::task::spawn_blocking(move || Store::open(&options)).await??;
    // The secret signs session tokens. This program gives none out, but a use case may be asked for one.
    let mut settings = Settings::new(TokenSecret::new("an example's secret, known to everybody"));
    // A real program leaves the cost of a hash as it is.
    settings.bcrypt_cost = 4;
    let app = App::telling(store, settings, Arc::new(SystemClock), listener)?;
    let jobs = Runner::start(&app, &jobs::ALL);

    let said = work(&app).await;

    jobs.stop().await;
    let store = app.store().clone();
    tokio::task::spawn_blocking(move || store.close()).await?;
    Ok(said?)
}

async fn work(app: &App) -> Result<Vec<String>, AppError> {
    let mut said = Vec::new();
    // The first account is the primary admin.
    let ada = account(app, "Ada", "ada@example.com").await?;
    let bob = account(app, "Bob", "bob@example.com").await?;

    // A use case is a function over an act, and a closure is a transaction: all of this happens, or nothing.
    let (owner, member) = (ada.clone(), bob.clone());
    let group = app
        .write(Caller::operator(), move |act| {
            let draft = GroupDraft {
                name: GroupName::parse("Engineering")?,
                permissions: Some(JsonText::from_stored(r#"{"workspace":{"tools":true}}"#.to_owned())),
                ..GroupDraft::default()
            };
            let group = groups::create(act, draft, Some(owner))?;
            groups::add_members(act, &group.group.id, &[member])
        })
        .await?;
    said.push(format!("{} has {} member", group.group.name, group.member_count));

    let rights =
        app.read(Caller::operator(), move |act| permissions::effective(act.app(), act.read(), &bob)).await?;
    said.push(format!("Bob may use tools: {}", rights.allows("workspace", "tools")));

    // Rules hold for every caller.
    let refused =
        app.write(Caller::operator(), move |act| users::delete(act, &ada, Keep::AsConfigured)).await;
    match refused {
        Ok(()) => said.push("Ada is gone".to_owned()),
        Err(why) => said.push(format!("Ada stays: {why}")),
    }
    Ok(said)
}

async fn account(app: &App, name: &str, email: &str) -> Result<UserId, AppError> {
    let new = NewAccount {
        name: UserName::parse(name)?,
        email: email.to_owned(),
        profile_image_url: ProfileImageUrl::default(),
    };
    let password = PlainPassword::new("Correct-Horse-7".to_owned());
    Ok(registration::create(app, Caller::operator(), new, password, None).await?.id)
}
