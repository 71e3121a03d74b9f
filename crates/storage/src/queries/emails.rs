//! Accounts by e-mail address (rule R2).
//!
//! The database finds candidates, with an index if there is one. [`EmailLookup`] then decides which of them match,
//! in the same way on both databases. The exact spelling comes first, then the oldest account.

use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use rosterd_domain::email::EmailLookup;
use rosterd_domain::ids::UserId;

use super::Queries;
use super::auths::{SignInColumns, no_stamp, sign_in};
use super::dialect::{by_code_point, may_have_address, may_sign_in, one_of};
use crate::schema::{auths, users};
use crate::types::LossyText;
use crate::{SignIn, StoreResult, once};

/// A row that was found: the account's id, the e-mail address by which it was found, and what else was asked for.
type Found<T> = (LossyText, LossyText, T);

/// The rows of a query whose e-mail address is meant, under a condition that narrows them down, the oldest first.
macro_rules! among {
    ($queries:expr, $lookup:expr, $query:expr, $condition:expr) => {{
        let query = $query.filter($condition).order((users::created_at, by_code_point(users::id)));
        let mut rows: Vec<Found<_>> = query.load($queries.conn)?;
        rows.retain(|(_, email, _)| $lookup.matches(email.as_str()));
        rows
    }};
}

/// The accounts with the e-mail address, the one that wins first.
pub(super) fn list(queries: &mut Queries<'_>, lookup: &EmailLookup) -> StoreResult<Vec<UserId>> {
    macro_rules! users_where {
        ($condition:expr) => {
            among!(queries, lookup, users::table.select((users::id, users::email, users::role)), $condition)
        };
    }
    let rows = if queries.layout.is_standalone() {
        users_where!(one_of!(
            "lower(trim(\"user\".\"email\"))",
            spellings_trimmed(lookup).iter().map(String::as_str)
        ))
    } else {
        let indexed = match spellings_indexed(queries, lookup) {
            // Always so, but Open WebUI's index is a partial one and is used only if it is said.
            Some(spellings) => users_where!(
                one_of!("lower(\"user\".\"email\")", spellings.iter().map(String::as_str))
                    .and(users::email.is_not_null())
            ),
            None => Vec::new(),
        };
        if indexed.is_empty() {
            users_where!(may_have_address!("\"user\".\"email\"", lookup.key()))
        } else {
            indexed
        }
    };
    Ok(ranked::<LossyText>(lookup, rows).map(|(id, _role)| id).collect())
}

/// The account with the e-mail address that can sign in. An `auth` row without its user is nobody.
///
/// All accounts that may be meant are found by one statement, which takes as long where there is none: else the time of
/// a refused sign-in would tell who has an account.
pub(super) fn find_sign_in(queries: &mut Queries<'_>, lookup: &EmailLookup) -> StoreResult<Option<SignIn>> {
    let condition = if queries.layout.is_standalone() {
        let spellings = spellings_trimmed(lookup);
        one_of!("lower(trim(\"auth\".\"email\"))", spellings.iter().map(String::as_str))
    } else {
        may_sign_in(lookup.key())
    };
    macro_rules! accounts {
        ($stamp:expr) => {
            among!(
                queries,
                lookup,
                users::table.inner_join(auths::table.on(auths::id.eq(users::id))).select((
                    users::id,
                    auths::email,
                    (auths::password, auths::active, $stamp)
                )),
                condition
            )
        };
    }
    let rows: Vec<Found<SignInColumns>> =
        if queries.layout.session_stamp { accounts!(auths::session_stamp) } else { accounts!(no_stamp!()) };
    let mut accounts = ranked(lookup, rows).map(|(id, columns)| sign_in(id, columns));
    let first = accounts.next();
    if first.as_ref().is_some_and(|first| first.active) {
        return Ok(first);
    }
    Ok(accounts.find(|account| account.active).or(first))
}

/// The accounts with the e-mail address, which come in order of age, in the order in which they win.
fn ranked<T>(lookup: &EmailLookup, mut rows: Vec<Found<T>>) -> impl Iterator<Item = (UserId, T)> {
    lookup.sort_by_closeness(&mut rows, |(_, email, _)| email.as_str());
    if let [(wins, ..), (loses, ..), ..] = rows.as_slice() {
        tell_shared(wins.as_str(), loses.as_str());
    }
    rows.into_iter().map(|(id, _, more)| (UserId::from_stored(id.into()), more))
}

/// What the index on `lower(trim(email))` of standalone databases may hold for the e-mail address. New e-mail addresses
/// are stored in one form; the others are for what somebody stored past us.
pub(super) fn spellings_trimmed(lookup: &EmailLookup) -> Vec<String> {
    let typed = lookup.typed().trim_matches(' ').to_ascii_lowercase();
    let as_new = rosterd_domain::unicode::nfc(lookup.typed().trim()).to_lowercase();
    vec![lookup.key().to_owned(), as_new, typed]
}

/// What an index on `lower(email)` in an attached database may hold for the e-mail address, with a blank at either end
/// or none; `None` where there is none. Such an index folds ASCII only, so it can say yes but not no.
fn spellings_indexed(queries: &Queries<'_>, lookup: &EmailLookup) -> Option<Vec<String>> {
    let key = lookup.key();
    (queries.layout.email_index && key.is_ascii()).then(|| {
        let mut spellings = vec![key.to_owned(), format!("{key} "), format!(" {key}"), format!(" {key} ")];
        spellings.push(lookup.typed().to_ascii_lowercase());
        spellings
    })
}

/// Says once for each pair that accounts share an e-mail address, and which of them it opens.
fn tell_shared(wins: &str, loses: &str) {
    if once::tells(&format!("shared address {wins} {loses}")) {
        tracing::warn!(
            user.id = wins,
            other.id = loses,
            "several accounts have the same e-mail address in different spellings; the exact spelling counts, then the \
             oldest account. `rosterd adopt` lists them"
        );
    }
}
