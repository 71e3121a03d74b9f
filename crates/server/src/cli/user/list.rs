//! `rosterd user list`: read window by window and printed as it is read, so that memory does not grow with the roster.

use std::ffi::OsStr;
use std::io::{self, IsTerminal};
use std::time::Duration;

use clap::builder::{ArgPredicate, PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Args, ValueEnum};
use rosterd_app::{App, Caller};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::GroupId;
use rosterd_domain::list::{Cursor, Direction, ListQuery, MAX_LIMIT, Order, OrderBy, SearchText};
use rosterd_domain::user::UserModel;
use rosterd_storage::{ListedSizes, Reads};

use super::summary;
use crate::cli::output::{Output, plain};
use crate::cli::progress::Progress;
use crate::cli::{Access, CliError};
use crate::config::{Config, nearest, positive_duration};

/// Neither images nor documents are printed, so they need not be read.
const NARROW: ListedSizes = ListedSizes { image: Some(0), document: Some(0) };

/// What a list can be sorted by, as it is typed and with what is to be said of it.
const ORDERS: [(&str, &str); 7] = [
    ("created_at", "when the account was made"),
    ("updated_at", "when it last changed"),
    ("last_active_at", "when its user was last active"),
    ("name", "the name"),
    ("email", "the e-mail address"),
    ("role", "the name of the role"),
    (
        "group_id:ID",
        "membership in the group with this id, then the name; --direction desc puts members first",
    ),
];

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// Only accounts whose name or e-mail address has this text in it, in any case
    #[arg(long, value_name = "TEXT")]
    query: Option<String>,
    /// What to sort by
    #[arg(
        long,
        value_name = "FIELD",
        default_value = "created_at",
        default_value_if("inactive_since", ArgPredicate::IsPresent, "last_active_at"),
        value_parser = OrderByParser
    )]
    order_by: OrderBy,
    /// Which end comes first
    #[arg(
        long,
        value_enum,
        default_value = "desc",
        default_value_if("inactive_since", ArgPredicate::IsPresent, "asc")
    )]
    direction: DirectionArg,
    /// Only accounts that were not used for so long, such as 90d: no request, by a session or an API key. Who was gone longest
    /// comes first, unless another order is asked for
    #[arg(long, value_name = "DURATION", value_parser = positive_duration)]
    inactive_since: Option<Duration>,
    /// How many to list at most, 1 or more [default: all]
    #[arg(long, value_name = "NUMBER", value_parser = limit)]
    limit: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DirectionArg {
    Asc,
    Desc,
}

/// Unlike the API, which falls back to `created_at`, a command line says what it does not know, and what there is.
#[derive(Debug, Clone, Copy)]
struct OrderByParser;

impl TypedValueParser for OrderByParser {
    type Value = OrderBy;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<OrderBy, clap::Error> {
        let text = value.to_string_lossy();
        match OrderBy::parse(Some(&text)) {
            OrderBy::CreatedAt if text != "created_at" => Err(no_such_order(command, argument, &text)),
            known => Ok(known),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(ORDERS.into_iter().map(|(name, about)| PossibleValue::new(name).help(about))))
    }
}

/// The error that clap makes of a value that is none of the possible ones.
fn no_such_order(command: &clap::Command, argument: Option<&Arg>, text: &str) -> clap::Error {
    let names = ORDERS.map(|(name, _)| name);
    let mut error = clap::Error::new(ErrorKind::InvalidValue).with_cmd(command);
    let option = argument.map_or_else(|| "--order-by".to_owned(), ToString::to_string);
    error.insert(ContextKind::InvalidArg, ContextValue::String(option));
    error.insert(ContextKind::InvalidValue, ContextValue::String(text.to_owned()));
    error.insert(ContextKind::ValidValue, ContextValue::Strings(names.map(str::to_owned).to_vec()));
    if let Some(near) = nearest(text, names.map(|name| (name, name))) {
        error.insert(ContextKind::SuggestedValue, ContextValue::String(near.to_owned()));
    }
    error
}

/// A list of nothing is a slip, such as a variable that nobody has set.
fn limit(text: &str) -> Result<u64, String> {
    text.parse().ok().filter(|limit| *limit > 0).ok_or_else(|| "a whole number from 1 is needed".to_owned())
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
    let inactive_since = args.inactive_since;
    crate::cli::with_app(config, Access::Read, async |app| {
        let idle = inactive_since.map(|span| Idle::since(app.now(), span, &list.order));
        print_all(app, list, idle, args.limit.unwrap_or(u64::MAX), output).await
    })
}

/// What is listed.
#[derive(Debug, Clone)]
struct List {
    search: Option<SearchText>,
    order: Order,
}

/// Which accounts were not used for so long.
#[derive(Debug, Clone, Copy)]
struct Idle {
    /// Last active then or before.
    until: UnixSeconds,
    /// Whether all others come after these.
    are_first: bool,
}

impl Idle {
    fn since(now: UnixSeconds, span: Duration, order: &Order) -> Self {
        let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        let are_first = order.by == OrderBy::LastActiveAt && order.direction == Direction::Ascending;
        Self { until: now.saturating_sub(seconds), are_first }
    }

    fn has(self, user: &UserModel) -> bool {
        user.last_active_at <= self.until
    }
}

async fn print_all(
    app: &App,
    list: List,
    idle: Option<Idle>,
    limit: u64,
    output: Output,
) -> Result<(), CliError> {
    let mut rows = output.rows(&["ID", "ROLE", "E-MAIL ADDRESS", "NAME"]);
    // On a terminal the rows themselves show it.
    let mut progress =
        if io::stdout().is_terminal() { Progress::none() } else { Progress::of(output, "listing") };
    let mut left = limit;
    let mut after = None;
    while left > 0 {
        // Of a window that is filtered any number may be left.
        let size =
            if idle.is_some() { MAX_LIMIT } else { i64::try_from(left).unwrap_or(MAX_LIMIT).min(MAX_LIMIT) };
        let (list, cursor) = (list.clone(), after.take());
        let (users, next) =
            app.scan(Caller::operator(), move |act| window(act.read(), list, cursor, size)).await?;
        let wanted = users.iter().filter(|user| idle.is_none_or(|idle| idle.has(user)));
        for user in wanted.take(usize::try_from(left).unwrap_or(usize::MAX)) {
            rows.row(&summary(user), || cells(user))?;
            left -= 1;
        }
        progress.at(&format!("{} accounts", rows.count()));
        let others_follow = idle.filter(|idle| idle.are_first).zip(users.last());
        after = next.filter(|_| others_follow.is_none_or(|(idle, last)| idle.has(last)));
        if after.is_none() {
            break;
        }
    }
    progress.end();
    rows.finish()
}

/// The next rows, and where the ones after them begin; `None` at the end.
fn window(
    db: &mut dyn Reads,
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

fn is_member(db: &mut dyn Reads, user: &UserModel, group: &GroupId) -> Result<bool, CliError> {
    let memberships = db.list_group_ids_of(std::slice::from_ref(&user.id))?;
    Ok(memberships.iter().any(|(_, of)| of == group))
}

/// A row of the list.
fn cells(user: &UserModel) -> Vec<String> {
    let UserModel { id, email, role, name, .. } = user;
    vec![id.to_string(), role.to_string(), plain(email), plain(name)]
}
