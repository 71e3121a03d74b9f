//! What is measured, and which bar it must reach. One file for each kind of work.

mod attached;
mod audit;
mod backup;
mod commands;
mod fairness;
mod growth;
mod import;
mod instructions;
mod lists;
mod migrate;
mod nodes;
mod passwords;
mod plans;
mod prices;
mod reads;
mod scim;
mod sweeps;
mod webhooks;
mod whole;
mod writes;

use crate::Result;
use crate::bench::Bench;
use crate::cli::Scenario;
use crate::report::Section;

const SETTINGS: &str = "/api/v1/users/user/settings";
const UPDATE: &str = "/api/v1/users/user/settings/update";
const PERMISSIONS: &str = "/api/v1/users/permissions";
const LIST: &str = "/api/v1/users/";
const SEARCH: &str = "/api/v1/users/search";
const ALL: &str = "/api/v1/users/all";
/// A part of the rare surname, in no other name.
const RARE_PART: &str = "uillfea";

/// Runs one.
pub(crate) fn run(scenario: Scenario, bench: &Bench) -> Result<Section> {
    let mut section = match scenario {
        Scenario::SettingsRead => reads::settings(bench),
        Scenario::MetricsCost => reads::metrics_cost(bench),
        Scenario::PostgresSettings => reads::settings_on_postgres(bench),
        Scenario::PermissionsRead => reads::permissions(bench),
        Scenario::SettingsWrite => writes::settings(bench),
        Scenario::Fairness => fairness::one_against_many(bench),
        Scenario::Passwords => passwords::measure(bench),
        Scenario::List => lists::every_order(bench),
        Scenario::Search => lists::search(bench),
        Scenario::DeepCursor => lists::deep_cursor(bench),
        Scenario::AllStream => whole::everybody(bench),
        Scenario::Memory => whole::memory(bench),
        Scenario::Startup => whole::startup(bench),
        Scenario::BinarySize => whole::binary_size(bench),
        Scenario::Audit => audit::cost(bench),
        Scenario::Webhooks => webhooks::deliveries(bench),
        Scenario::Scim => scim::provisioning(bench),
        Scenario::Backup => backup::under_load(bench),
        Scenario::Import => import::under_load(bench),
        Scenario::Migrate => migrate::every_pair(bench),
        Scenario::Attached => attached::compare(bench),
        Scenario::Connections => sweeps::connections(bench),
        Scenario::Growth => growth::with_users(bench),
        Scenario::Nodes => nodes::against_one(bench),
        Scenario::Prices => prices::of_each_feature(bench),
        Scenario::Instructions => instructions::of_an_answer(bench),
        Scenario::Plans => plans::explain(bench),
        Scenario::All => Err("`all` is spelled out before it runs".into()),
    }?;
    section.scenario = scenario.name();
    Ok(section)
}
