//! The functions that nearly every request runs: effective permissions, a settings merge, a token check.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use rosterd_app::AuthMethod;
use rosterd_app::settings::TokenSecret;
use rosterd_app::tokens::{NewToken, Tokens};
use rosterd_domain::ids::UserId;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::{
    Dialect, DocumentLimits, EffectivePermissions, JsonText, PermissionTree, SettingsUpdate, UserPermissions,
};

const NOW: i64 = 1_700_000_000;

/// Two groups as the database holds them: parsed and united, as for each `GET /permissions`.
fn permissions(criterion: &mut Criterion) {
    let defaults = UserPermissions::builtin();
    let template = PermissionTree::from(&defaults).to_json();
    let groups = [
        r#"{"workspace": {"tools": true, "models": false}, "chat": {"delete": true, "export": false}}"#,
        r#"{"features": {"direct_tool_servers": true, "web_search": false}, "chat": {"file_upload": true}}"#,
    ];
    criterion.bench_function("effective permissions of two groups", |bencher| {
        bencher.iter(|| {
            let template = PermissionTree::from_json(black_box(&template));
            let groups = groups.map(|text| PermissionTree::from_json(black_box(text)));
            EffectivePermissions::compute(&template, &groups, &defaults)
        });
    });
}

/// A kilobyte of settings into another.
fn settings(criterion: &mut Criterion) {
    let filler = "x".repeat(900);
    let stored = JsonText::from_stored(format!(
        r#"{{"ui": {{"theme": "dark", "a": "{filler}"}}, "memory": {{"on": true}}}}"#
    ));
    let body = format!(r#"{{"ui": {{"theme": "light", "b": "{filler}"}}}}"#);
    criterion.bench_function("settings merge of 1 KB", |bencher| {
        bencher.iter(|| {
            let sent = serde_json::from_str(black_box(&body)).ok()?;
            SettingsUpdate::parse(sent)
                .ok()?
                .merge_into(Some(black_box(&stored)), Dialect::default(), &DocumentLimits::default())
                .ok()
        });
    });
}

/// Signature, claims and end of a session token.
fn token(criterion: &mut Criterion) {
    let tokens = Tokens::new(&TokenSecret::new("a secret of at least thirty-two bytes"), None);
    let new = NewToken {
        user: &UserId::from_stored("3f1c9f0a-6f63-4c5e-9c59-0d7f1a2b3c4d".to_owned()),
        jti: "8f14e45f-ceea-467f-a8d1-9b3b5a6c7d8e",
        now: NOW,
        life: TokenLife::Seconds(3600),
        auth_method: Some(AuthMethod::Password),
        stamp: None,
        is_kept: false,
    };
    let Ok(issued) = tokens.issue(&new) else { return };
    criterion.bench_function("token check", |bencher| {
        bencher.iter(|| tokens.check(black_box(&issued.token), NOW).is_ok());
    });
}

criterion_group! {
    name = hot_functions;
    config = Criterion::default().warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3));
    targets = permissions, settings, token
}
criterion_main!(hot_functions);
