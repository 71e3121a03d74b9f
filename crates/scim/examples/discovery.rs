//! The documents by which a client finds out what the server can do:
//! `cargo run -p rosterd-scim --example discovery`.

use rosterd_scim::discovery::{Passwords, resource_types, schemas, service_provider_config};
use serde_json::json;

fn main() {
    let base = "https://chat.example.com/scim/v2";
    let documents = json!({
        "/ServiceProviderConfig": service_provider_config(base, 200, Passwords::Taken),
        "/ResourceTypes": resource_types(base),
        "/Schemas": schemas(base, Passwords::Taken),
    });
    println!("{documents:#}");
}
