//! What no two runs of the scenario have in common.

use rosterd_domain::scim::TOKEN_PREFIX;
use rosterd_testkit::fixtures::Actors;
use serde_json::{Value, json};

/// How the token of a link begins.
const LINK_TOKEN: &str = "rl_";

/// Ids that are made anew each time, and what stands for them.
#[derive(Default)]
pub(super) struct Names {
    pub(super) group: String,
    pub(super) key: String,
    pub(super) webhook: String,
    pub(super) connection: String,
    pub(super) delivery: String,
    pub(super) link: String,
}

impl Names {
    pub(super) fn fill(&self, text: &str) -> String {
        let actors = Actors::recorded();
        let mut text = text
            .replace("{group}", &self.group)
            .replace("{key}", &self.key)
            .replace("{webhook}", &self.webhook)
            .replace("{delivery}", &self.delivery)
            .replace("{connection}", &self.connection)
            .replace("{link}", &self.link)
            .replace("{password}", &actors.password);
        for (name, id) in &actors.users {
            text = text.replace(&format!("{{user:{name}}}"), id);
        }
        text
    }

    /// Replaces what no two runs have in common, and shortens what is long.
    pub(super) fn settle(&self, value: &mut Value) {
        let actors = Actors::recorded();
        let known = |id: &str| actors.users.values().chain(actors.groups.values()).any(|of| of == id);
        match value {
            Value::Object(object) => {
                for (key, inner) in object.iter_mut() {
                    match (key.as_str(), &mut *inner) {
                        ("token" | "link", Value::String(text)) if text.contains(LINK_TOKEN) => {
                            let (before, _token) = text.split_once(LINK_TOKEN).unwrap_or_default();
                            let random = "Zm9yIGFuIGV4YW1wbGUsIGFuZCBubyBzZWNyZXQhISE";
                            *text = format!("{before}{LINK_TOKEN}{random}");
                        }
                        ("token", Value::String(text)) if text.starts_with(TOKEN_PREFIX) => {
                            *inner = json!("rsc_4fGhT7bQ2mVx9KzR1nLpYw8cJd3AsE0uH6iX");
                        }
                        ("token", _) => {
                            *inner =
                                json!("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpZCI6Ii4uLiJ9.c2lnbmF0dXJl");
                        }
                        ("profile_image_url", Value::String(url)) if url.ends_with("/profile/image") => {
                            let id = url.split('/').nth(4).unwrap_or_default().to_owned();
                            if !known(&id) {
                                *url = url.replace(&id, "0f9e8d7c-6b5a-4c3d-8e2f-1a0b9c8d7e6f");
                            }
                        }
                        ("salt", _) => *inner = json!("9d2c4b6a8f1e4d3c8b7a6f5e4d3c2b1a"),
                        ("seal", Value::String(_)) => {
                            *inner =
                                json!("7d3f9a1c5b8e2d4f6a0c9b8e7d6f5a4c3b2e1d0f9a8c7b6e5d4f3a2c1b0e9d8f");
                        }
                        ("request_id", Value::String(_)) => {
                            *inner = json!("3c9d8e7f-6a5b-4c4d-9e2f-8b7a6f5e4d3c");
                        }
                        ("secret", _) => *inner = json!("whsec_Zm9yIGFuIGV4YW1wbGUsIGFuZCBubyBzZWNyZXQhISE="),
                        ("key", _) => *inner = json!("sk-rst_4fGhT7bQ2mVx9KzR1nLpYw8cJd3AsE0uH6iX"),
                        ("prefix", Value::String(prefix)) if prefix.starts_with("sk-rst_") => {
                            *inner = json!("sk-rst_4fGh");
                        }
                        ("prefix", _) => *inner = json!("sk-3f1c"),
                        ("id", Value::String(id)) if *id == self.key => {
                            *inner = json!("7c2b9d1e-4a5f-4b6c-8d7e-9f0a1b2c3d4e");
                        }
                        ("api_key", _) => *inner = json!("sk-3f1c2d0a9b8e4f5c8a7b6d5e4f3c2b1a"),
                        ("id", Value::String(id)) if *id == self.webhook => {
                            *inner = json!("0b1e7c1c-3d0f-4c5e-9d58-2a9c6a1f7f10");
                        }
                        ("id", Value::String(id)) if *id == self.connection => {
                            *inner = json!("2d7f6a1b-9c3e-4f50-8a6b-7c8d9e0f1a2b");
                        }
                        ("id", Value::String(id)) if *id == self.delivery => {
                            *inner = json!("01977420-dc00-7000-8000-000000000001");
                        }
                        ("id", Value::String(id)) if *id == self.group => {
                            *inner = json!("5b0c1d2e-3f40-4a5b-8c6d-7e8f90a1b2c3");
                        }
                        ("id", Value::String(id))
                            if id.len() == 36 && !known(id) && !id.contains("0000-4000") =>
                        {
                            *inner = json!("0f9e8d7c-6b5a-4c3d-8e2f-1a0b9c8d7e6f");
                        }
                        ("users", Value::Array(users)) => {
                            users.truncate(2);
                            for user in users {
                                self.settle(user);
                            }
                        }
                        _ => self.settle(inner),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.settle(item)),
            _ => {}
        }
    }
}
