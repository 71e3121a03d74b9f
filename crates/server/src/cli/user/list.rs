//! `rosterd user list`: read window by window and printed as it is read, so that memory does not grow with the roster.

use clap::{Args, ValueEnum};
use rosterd_api::App;
use rosterd_domain::ids::GroupId;
use rosterd_domain::list::{Cursor, Direction, ListQuery, MAX_LIMIT, Order, OrderBy, SearchText};
use rosterd_domain::user::UserModel;
use rosterd_storage::{Db, ListedSizes};

use super::summary;
use crate::cli::CliError;
use crate::cli::output::{Output, plain};
use crate::config::Config;

/// Neither images nor documents are printed, so they need not be read.
const NARROW: ListedSizes = ListedSizes { image: Some(0), document: Some(0) };

// A constant, as rustdoc would want code marks in it.
const ORDER_BY_HELP: &str = "What to sort by: created_at, updated_at, last_active_at, name, email, role, or group_id:ID (members first)";

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// Only accounts whose name or e-mail address has this text in it, in any case
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    #[arg(long, value_name = "FIELD", help = ORDER_BY_HELP, default_value = "created_at", value_parser = order_by)]
    order_by: OrderBy,
    /// Which end comes first
    #[arg(long, value_enum, default_value_t = DirectionArg::Desc)]
    direction: DirectionArg,
    /// How many to list at most [default: all]
    #[arg(long, value_name = "NUMBER")]
    limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DirectionArg {
    Asc,
    Desc,
}

/// Unlike the API, which falls back to `created_at`, a command line says what it does not know.
fn order_by(text: &str) -> Result<OrderBy, String> {
    match OrderBy::parse(Some(text)) {
        OrderBy::CreatedAt if text != "created_at" => Err("there is no such order".to_owned()),
        known => Ok(known),
    }
}

pub(super) fn run(config: &Config, args: ListArgs, output: Output) -> Result<(), CliError> {
    let direction = match args.direction {
        DirectionArg::Asc => Direction::Ascending,
        DirectionArg::Desc => Direction::Descending,
    };
    let list = List {
        search: args.query.as_deref().and_then(SearchText::new),
        order: Order { by: args.order_by, direction },
    };
    crate::cli::with_app(config, async |app| {
        print_all(app, list, args.limit.unwrap_or(u64::MAX), output).await
    })
}

/// What is listed.
#[derive(Debug, Clone)]
struct List {
    search: Option<SearchText>,
    order: Order,
}

async fn print_all(app: &App, list: List, limit: u64, output: Output) -> Result<(), CliError> {
    let mut rows = output.rows();
    let mut left = limit;
    let mut after = None;
    while left > 0 {
        let size = i64::try_from(left).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
        let (list, cursor) = (list.clone(), after.take());
        let (users, next) = app.store().scan(move |db| window(db, list, cursor, size)).await?;
        for user in &users {
            rows.row(&summary(user), || line(user))?;
        }
        left = left.saturating_sub(users.len() as u64);
        after = next;
        if after.is_none() {
            break;
        }
    }
    rows.finish()
}

/// The next rows, and where the ones after them begin; `None` at the end.
fn window(
    db: &mut dyn Db,
    wanted: List,
    after: Option<Cursor>,
    size: i64,
) -> Result<(Vec<UserModel>, Option<Cursor>), CliError> {
    let List { search, order } = wanted;
    let query = match after {
        None => ListQuery::page_of(search, order.clone(), 1, size),
        Some(cursor) => ListQuery::after(search, cursor, size),
    };
    let users = db.list_users(&query, NARROW)?;
    let full = i64::try_from(users.len()).is_ok_and(|count| count >= size);
    let next = match users.last().filter(|_| full) {
        None => None,
        Some(last) => {
            let is_member = match &order.by {
                OrderBy::GroupMember(group) => is_member(db, last, group)?,
                _ => false,
            };
            Some(Cursor::of_user(last, &order, is_member))
        }
    };
    Ok((users, next))
}

fn is_member(db: &mut dyn Db, user: &UserModel, group: &GroupId) -> Result<bool, CliError> {
    let memberships = db.list_group_ids_of(std::slice::from_ref(&user.id))?;
    Ok(memberships.iter().any(|(_, of)| of == group))
}

/// Columns for people and for `cut`: separated by tabs, which no value holds.
fn line(user: &UserModel) -> String {
    let UserModel { id, email, role, name, .. } = user;
    format!("{id}\t{role}\t{}\t{}", plain(email), plain(name))
}
