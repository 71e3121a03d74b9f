//! Computes what a user may do from a stored template and two groups, and lets that decide about the settings the
//! user sends.
//!
//! Run with `cargo run -p rosterd-domain --example effective_permissions`.

use rosterd_domain::rules::settings_rights::SettingsRights;
use rosterd_domain::{
    Dialect, DocumentLimits, EffectivePermissions, JsonText, PermissionTree, Role, SettingsUpdate,
    UserPermissions, settings,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // As three JSON columns might hold them. The template is partial and knows a right this crate does not.
    let template = PermissionTree::from_json(r#"{"chat": {"delete": false, "web_upload": true}}"#);
    let engineering = PermissionTree::from_json(
        r#"{"workspace": {"tools": true}, "features": {"direct_tool_servers": true}}"#,
    );
    let support = PermissionTree::from_json(r#"{"chat": {"delete": true}, "workspace": {"tools": false}}"#);

    let defaults = UserPermissions::builtin();
    let alice = EffectivePermissions::compute(&template, [&engineering, &support], &defaults);
    let bob = EffectivePermissions::compute(&template, [&support], &defaults);

    println!("{:<30} {:>6} {:>6}", "right", "Alice", "Bob");
    for (section, key) in [
        ("workspace", "tools"),
        ("chat", "delete"),
        ("chat", "web_upload"),
        ("chat", "edit"),
        ("features", "direct_tool_servers"),
    ] {
        let right = format!("{section}.{key}");
        println!("{right:<30} {:>6} {:>6}", alice.allows(section, key), bob.allows(section, key));
    }

    // Both send the same settings; only who may connect tool servers has them stored.
    let stored = JsonText::from_stored(r#"{"ui": {"theme": "light"}, "plugins": [1.50]}"#.to_owned());
    let body = r#"{"ui": {"theme": "dark", "toolServers": [{"url": "https://tools.example.net"}]}}"#;
    let dialect = Dialect::default();
    for (name, permissions) in [("Alice", &alice), ("Bob", &bob)] {
        let mut update = SettingsUpdate::parse(serde_json::from_str(body)?)?;
        update.strip(dialect, SettingsRights::of(&Role::User, permissions));
        let merged = update.merge_into(Some(&stored), dialect, &DocumentLimits::default())?;
        println!("\n{name}'s settings: {}", merged.as_str());
        assert_eq!(
            settings::to_answer(Some(merged.clone()), dialect),
            Some(merged),
            "they are shown as they are stored"
        );
    }
    Ok(())
}
