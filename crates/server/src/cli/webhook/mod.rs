//! `rosterd webhook`: events that are sent to URLs.

mod show;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgGroup, Args, Subcommand};
use rosterd_app::webhooks::{self, MadeWebhook, WebhookDraft, WebhookUpdate};
use rosterd_app::{App, Caller};
use rosterd_domain::error::DomainError;
use rosterd_domain::ids::{DeliveryId, WebhookId};
use rosterd_domain::webhook::{DeliveryState, EventNames, Overlap, WebhookUrl};
use serde_json::json;

use super::output::{Output, plain};
use super::{Access, CliError};
use crate::config::{Config, positive_duration};

// A constant, as rustdoc would want marks around it.
const URL_HELP: &str = "Where events are sent, such as https://example.com/hook";

#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    /// List webhooks, the oldest first
    List,
    /// Create a webhook and print its secret, which is never shown again
    Create(CreateArgs),
    /// Change a webhook, or switch it on or off; what is not given stays
    Update(UpdateArgs),
    /// Delete a webhook and its deliveries
    Delete(WebhookArg),
    /// Send a test: 0 if the receiver took it, 1 if not
    Test(WebhookArg),
    /// Replace the secret of a webhook and print the new one; for a while both sign
    Rotate(RotateArgs),
    /// List deliveries, newest first
    Deliveries(DeliveriesArgs),
    /// Have a delivery made once more, with all its tries
    Retry(RetryArgs),
}

#[derive(Debug, Args)]
pub(super) struct WebhookArg {
    /// Id of the webhook
    id: String,
}

#[derive(Debug, Args)]
pub(super) struct CreateArgs {
    #[arg(help = URL_HELP)]
    url: String,
    /// Which events: a name such as user.created, a kind such as user.*, or * for all; may be repeated
    #[arg(long = "event", value_name = "EVENT", required = true)]
    names: Vec<String>,
    /// What it is for
    #[arg(long, default_value = "", hide_default_value = true)]
    description: String,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("changes").required(true).multiple(true)))]
pub(super) struct UpdateArgs {
    #[command(flatten)]
    webhook: WebhookArg,
    /// Where events are sent
    #[arg(long, group = "changes")]
    url: Option<String>,
    /// Which events, in place of those before; may be repeated
    #[arg(long = "event", value_name = "EVENT", group = "changes")]
    names: Vec<String>,
    /// What it is for
    #[arg(long, group = "changes")]
    description: Option<String>,
    /// Switch it on; it goes on where it stopped
    #[arg(long, group = "changes", conflicts_with = "disable")]
    enable: bool,
    /// Switch it off
    #[arg(long, group = "changes")]
    disable: bool,
}

#[derive(Debug, Args)]
pub(super) struct RotateArgs {
    #[command(flatten)]
    webhook: WebhookArg,
    /// How long the secret before signs too, 7d at most; 0: not at all
    #[arg(long, value_name = "DURATION", default_value = "1d", value_parser = overlap)]
    overlap: Overlap,
}

#[derive(Debug, Args)]
pub(super) struct DeliveriesArgs {
    #[command(flatten)]
    webhook: WebhookArg,
    /// Only deliveries in this state
    #[arg(long, value_parser = PossibleValuesParser::new(DeliveryState::ALL.map(DeliveryState::as_str))
        .try_map(|name| DeliveryState::parse(&name).ok_or("no such state")))]
    state: Option<DeliveryState>,
    /// At most so many deliveries
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..))]
    limit: i64,
}

#[derive(Debug, Args)]
pub(super) struct RetryArgs {
    #[command(flatten)]
    webhook: WebhookArg,
    /// Id of the delivery
    delivery: String,
}

impl WebhookArg {
    fn id(&self) -> Result<WebhookId, DomainError> {
        WebhookId::parse(&self.id)
    }
}

/// How long something that was replaced still counts.
pub(super) fn overlap(text: &str) -> Result<Overlap, String> {
    let seconds = if text.trim() == "0" { 0 } else { positive_duration(text)?.as_secs() };
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    Overlap::parse(seconds).map_err(|_why| format!("`{text}` is longer than 7d"))
}

pub(super) fn run(config: &Config, command: WebhookCommand, output: Output) -> Result<(), CliError> {
    match command {
        WebhookCommand::List => {
            super::with_app(config, Access::Read, async |app| show::list(app, output).await)
        }
        WebhookCommand::Deliveries(args) => super::with_app(config, Access::Read, async |app| {
            show::deliveries(app, args.webhook.id()?, (args.state, args.limit), output).await
        }),
        WebhookCommand::Delete(args) => {
            super::with_app(config, Access::Change, async |app| delete(app, args.id()?, output).await)
        }
        WebhookCommand::Retry(args) => {
            super::with_app(config, Access::Change, async |app| retry(app, args, output).await)
        }
        // Secrets are sealed with a key of the token secret.
        WebhookCommand::Create(args) => {
            super::with_signing_app(config, Access::Change, async |app| create(app, args, output).await)
        }
        WebhookCommand::Update(args) => {
            super::with_signing_app(config, Access::Change, async |app| update(app, args, output).await)
        }
        WebhookCommand::Rotate(args) => {
            super::with_signing_app(config, Access::Change, async |app| rotate(app, args, output).await)
        }
        WebhookCommand::Test(args) => {
            super::with_signing_app(config, Access::Change, async |app| test(app, args.id()?, output).await)
        }
    }
}

async fn create(app: &App, args: CreateArgs, output: Output) -> Result<(), CliError> {
    let draft = WebhookDraft {
        url: WebhookUrl::parse(&args.url, app.settings().webhooks.allow_private)?,
        events: EventNames::parse(args.names)?,
        description: args.description,
    };
    let made = app.write(Caller::operator(), move |act| webhooks::create(act, draft)).await?;
    print_made(&made, output)
}

async fn rotate(app: &App, args: RotateArgs, output: Output) -> Result<(), CliError> {
    let (id, overlap) = (args.webhook.id()?, args.overlap);
    let made = app.write(Caller::operator(), move |act| webhooks::rotate(act, &id, overlap)).await?;
    print_made(&made, output)
}

/// The id and the secret: what the receiver needs.
fn print_made(made: &MadeWebhook, output: Output) -> Result<(), CliError> {
    let mut json = serde_json::to_value(&made.info).map_err(CliError::Json)?;
    json["secret"] = made.secret.text().into();
    output.print(&json, || format!("id:      {}\nsecret:  {}", made.info.id, made.secret.text()))
}

async fn update(app: &App, args: UpdateArgs, output: Output) -> Result<(), CliError> {
    let (id, allow_private) = (args.webhook.id()?, app.settings().webhooks.allow_private);
    let update = WebhookUpdate {
        url: args.url.map(|url| WebhookUrl::parse(&url, allow_private)).transpose()?,
        events: (!args.names.is_empty()).then(|| EventNames::parse(args.names)).transpose()?,
        description: args.description,
        enabled: if args.enable || args.disable { Some(args.enable) } else { None },
    };
    let info = app.write(Caller::operator(), move |act| webhooks::update(act, &id, update)).await?;
    let json = serde_json::to_value(&info).map_err(CliError::Json)?;
    output.print(&json, || format!("webhook {} is {}", info.id, if info.enabled { "on" } else { "off" }))
}

async fn delete(app: &App, id: WebhookId, output: Output) -> Result<(), CliError> {
    let deleted = id.clone();
    app.write(Caller::operator(), move |act| webhooks::delete(act, &deleted)).await?;
    output.print(&json!({ "id": id }), || format!("deleted webhook {id}"))
}

async fn test(app: &App, id: WebhookId, output: Output) -> Result<(), CliError> {
    let test = webhooks::test(app, Caller::operator(), id).await?;
    let why = test.error.clone().unwrap_or_default();
    let json = serde_json::to_value(&test).map_err(CliError::Json)?;
    if test.delivered {
        return output.print(&json, || "the receiver took the test".to_owned());
    }
    output.print(&json, || format!("not delivered: {}", plain(&why)))?;
    Err(CliError::Failure("the test was not delivered".to_owned()))
}

async fn retry(app: &App, args: RetryArgs, output: Output) -> Result<(), CliError> {
    let (id, delivery) = (args.webhook.id()?, DeliveryId::parse(&args.delivery)?);
    let repeated = app.write(Caller::operator(), move |act| webhooks::retry(act, &id, &delivery)).await?;
    let json = serde_json::to_value(&repeated).map_err(CliError::Json)?;
    output.print(&json, || format!("delivery {} is made by the server, at once", repeated.id))
}
