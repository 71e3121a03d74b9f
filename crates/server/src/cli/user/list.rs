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
use rosterd_domain::list::{
    AccountStatus, Cursor, Direction, ListQuery, MAX_LIMIT, Order, OrderBy, SearchText, UserFilter,
};
use rosterd_domain::role::Role;
use rosterd_domain::user::UserModel;
use rosterd_storage::{ListedSizes, Reads};

use super::{RoleArg, summary};
use crate::cli::output::{ListFormat, Output, Rows, plain};
use crate::cli::progress::Progress;
use crate::cli::{Access, CliError, find};
use crate::config::{Config, nearest, positive_duration};

/// The columns of a table of values: those of the JSON.
const COLUMNS: [&str; 8] =
    ["id", "email", "name", "role", "created_at", "updated_at", "last_active_at", "status"];

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
    /// Only accounts with this role
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
    /// Only direct members of the group with this name or id
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Only accounts that are suspended, or only those that are not
    #[arg(long, value_enum)]
    status: Option<StatusArg>,
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
    /// How to print the list [default: a table at a terminal, else lines with tabs between their columns]
    #[arg(long, value_enum)]
    format: Option<ListFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DirectionArg {
    Asc,
    Desc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StatusArg {
    Active,
    Suspended,
}

impl From<StatusArg> for AccountStatus {
    fn from(status: StatusArg) -> Self {
        match status {
            StatusArg::Active => Self::Active,
            StatusArg::Suspended => Self::Suspended,
        }
    }
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
    let format = output.list_format(args.format)?;
    let direction = match args.direction {
        DirectionArg::Asc => Direction::Ascending,
        DirectionArg::Desc => Direction::Descending,
    };
    let is_narrowed =
        args.role.is_some() || args.group.is_some() || args.inactive_since.is_some() || args.status.is_some();
    if is_narrowed && matches!(args.order_by, OrderBy::GroupMember(_)) {
        return Err(CliError::Usage(
            "--order-by group_id does not go with --role, --group, --status and --inactive-since; --group lists the members of a group"
                .to_owned(),
        ));
    }
    let (limit, group, status) =
        (args.limit.unwrap_or(u64::MAX), args.group, args.status.map(AccountStatus::from));
    let (role, inactive) = (args.role.map(Role::from), args.inactive_since);
    let (search, order) =
        (args.query.as_deref().and_then(SearchText::new), Order { by: args.order_by, direction });
    crate::cli::with_app(config, Access::Read, async |app| {
        let group = match group {
            None => None,
            Some(name) => {
                let found =
                    app.snapshot(Caller::operator(), move |act| find::group(act.read(), &name)).await?;
                Some(found.group.id)
            }
        };
        let inactive_since = inactive.map(|span| first_active_second(app.now(), span));
        let filter = UserFilter { role, group, active_since: None, inactive_since, status };
        let rows = output.rows_in(format, &["ID", "ROLE", "E-MAIL ADDRESS", "NAME"], &COLUMNS)?;
        print_all(app, List { search, filter, order }, limit, rows, output).await
    })
}

/// Who was last active before this second was not active for so long.
fn first_active_second(now: UnixSeconds, span: Duration) -> UnixSeconds {
    let seconds = i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
    now.saturating_sub(seconds).saturating_add(1)
}

/// What is listed.
#[derive(Debug, Clone)]
struct List {
    search: Option<SearchText>,
    filter: UserFilter,
    order: Order,
}

async fn print_all(
    app: &App,
    list: List,
    limit: u64,
    mut rows: Rows,
    output: Output,
) -> Result<(), CliError> {
    // On a terminal the rows themselves show it.
    let mut progress =
        if io::stdout().is_terminal() { Progress::none() } else { Progress::of(output, "listing") };
    let mut left = limit;
    let mut after = None;
    while left > 0 {
        let size = i64::try_from(left).unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
        let (list, cursor) = (list.clone(), after.take());
        let (users, next) =
            app.scan(Caller::operator(), move |act| window(act.read(), list, cursor, size)).await?;
        for user in &users {
            rows.row(&summary(user), || cells(user))?;
            left = left.saturating_sub(1);
        }
        progress.at(&format!("{} accounts", rows.count()));
        after = next;
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
    let List { search, filter, order } = wanted;
    let query = match after {
        None => ListQuery::page_of(search, order.clone(), 1, size),
        Some(cursor) => ListQuery::after(search, cursor, size),
    };
    let users = db.list_users(&query.narrowed(filter), NARROW)?;
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
    Ok(db.list_group_ids_of(&[&user.id])?.concat().contains(group))
}

/// A row of the list.
fn cells(user: &UserModel) -> Vec<String> {
    let UserModel { id, email, role, name, .. } = user;
    vec![id.to_string(), role.to_string(), plain(email), plain(name)]
}
