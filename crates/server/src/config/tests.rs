//! What the configuration promises: precedence, errors that name the variable, and nothing secret shown.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rosterd_app::settings::{SameSite, TokenSecret};
use rosterd_app::stored::stored_settings;
use rosterd_domain::permissions::OPEN_WEBUI_0_12;
use rosterd_domain::rules::duration::TokenLife;
use rosterd_domain::secret::PlainPassword;
use rosterd_domain::stored_config::Key;

use super::*;

mod documentation;

const SECRET: &str = "thirty-two bytes are just enough";

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_variables(variables.iter().copied())
}

fn problem(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap_err().to_string()
}

/// The configuration from a file with this text, an environment and a command line.
fn layered(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rosterd.toml");
    std::fs::write(&path, file).unwrap();
    let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    Config::load(&Sources::new(Some(&path), map(flags), map(environment), &all_settings())?)
}

#[test]
fn nothing_set_gives_the_documented_defaults() {
    let config = load(&[]).unwrap();
    assert_eq!((config.server.host.as_str(), config.server.port), ("127.0.0.1", 8080));
    assert_eq!(config.database.url.to_string(), "sqlite:///./data/rosterd.db");
    assert_eq!(config.database.folder().unwrap(), Path::new("./data"));
    assert_eq!(config.tokens.secret, SecretSource::File("./data/.rosterd_secret_key".into()));
    assert!(config.proxies.sign_in.is_none() && config.proxies.trusted.is_empty());
    assert!(config.warnings.is_empty());
    assert!(config.effective.iter().all(|entry| entry.origin == Origin::Default));
}

#[test]
fn the_defaults_are_those_of_the_api() {
    let secret = TokenSecret::new(SECRET);
    let ours = load(&[]).unwrap().api_settings(secret.clone(), None);
    let theirs = rosterd_app::settings::Settings::new(secret);
    assert_eq!(format!("{ours:#?}"), format!("{theirs:#?}"));
}

#[test]
fn the_defaults_of_the_database_are_those_of_the_storage_layer() {
    let config = load(&[]).unwrap();
    let theirs = rosterd_storage::StoreOptions::new(config.database.url.clone());
    assert_eq!(format!("{:#?}", config.database.store_options()), format!("{theirs:#?}"));
}

#[test]
fn the_command_line_beats_the_environment_and_that_the_file() {
    let file = "[server]\nhost = \"file\"\nport = 1\nname = \"file\"\n";
    let environment = [("PORT", "2"), ("WEBUI_NAME", "environment")];
    let config = layered(file, &environment, &[("WEBUI_NAME", "flag")]).unwrap();
    assert_eq!(config.server.host, "file");
    assert_eq!(config.server.port, 2);
    assert_eq!(config.server.name, "flag");
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let config = layered("[server]\nport = 1\n", &[("PORT", ""), ("WEBUI_SECRET_KEY", "")], &[]).unwrap();
    assert_eq!(config.server.port, 1);
    assert!(matches!(config.tokens.secret, SecretSource::File(_)));
}

#[test]
fn the_newer_name_of_a_variable_wins_over_the_older() {
    let api_keys =
        |variables: &[(&str, &str)]| load(variables).unwrap().stored.value(Key::EnableApiKeys).clone();
    assert_eq!(api_keys(&[("ENABLE_API_KEY", "true")]), true);
    assert_eq!(api_keys(&[("ENABLE_API_KEY", "true"), ("ENABLE_API_KEYS", "false")]), false);
    let cookie = load(&[("WEBUI_SESSION_COOKIE_SAME_SITE", "Strict")]).unwrap().cookies;
    assert_eq!(cookie.same_site, SameSite::Strict);
}

#[test]
fn every_problem_is_named_at_once() {
    let text = problem(&[("PORT", "x"), ("ENABLE_SIGNUP", "maybe"), ("ROSTERD_BCRYPT_COST", "3")]);
    for name in ["PORT", "`x`", "ENABLE_SIGNUP", "ROSTERD_BCRYPT_COST"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

/// For every setting that can be wrong a text that is.
#[test]
fn every_setting_that_can_be_wrong_names_its_variable() {
    for setting in all_settings() {
        let wrong = match setting.kind {
            Kind::Switch | Kind::Integer | Kind::Bytes | Kind::Duration | Kind::Choice(_) => "wrong",
            Kind::DatabaseUrl => "mysql://h/d",
            Kind::Secret => "short",
            Kind::List => "10.0.0.0/33",
            Kind::Json => "7",
            Kind::Text => match setting.variable.as_ref() {
                "JWT_EXPIRES_IN" => "soon",
                "CUSTOM_API_KEY_HEADER" => "no header",
                "RUST_LOG" => "a=b=c",
                name if name.starts_with("WEBUI_AUTH_TRUSTED_") => "no header",
                _ => continue,
            },
        };
        for variable in setting.variables() {
            let text = problem(&[(variable, wrong)]);
            assert!(text.contains(setting.variable.as_ref()), "{variable}: {text}");
        }
    }
}

#[test]
fn a_problem_in_the_file_names_key_file_and_variable() {
    let text = layered("[server]\nport = 99999\n", &[], &[]).unwrap_err().to_string();
    assert!(text.contains("PORT") && text.contains("server.port") && text.contains("rosterd.toml"), "{text}");
    let text = layered("[server]\nport = true\n", &[], &[]).unwrap_err().to_string();
    assert!(text.contains("server.port") && text.contains("must be number"), "{text}");
}

#[test]
fn unknown_keys_of_the_file_are_errors_that_name_the_key() {
    let file = "[server]\nprot = 1\n[sever]\nport = 1\n[permissions.chat]\ndeletion = true\n";
    let text = layered(file, &[], &[]).unwrap_err().to_string();
    for key in [
        "server.prot",
        "the nearest name is server.port",
        "sever",
        "the nearest name is server;",
        "permissions.chat.deletion",
        "[server] knows host, port",
    ] {
        assert!(text.contains(key), "{key}: {text}");
    }
}

#[test]
fn the_file_and_the_environment_are_wrong_in_one_message() {
    let file = "[server]\nprot = 1\nhost = 7\n";
    let text = layered(file, &[("ROSTERD_BCRYPT_COST", "3")], &[]).unwrap_err().to_string();
    for name in ["server.prot", "server.host", "ROSTERD_BCRYPT_COST"] {
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn a_file_that_is_no_toml_names_the_line_but_does_not_show_it() {
    let text = layered("[tokens]\nsecret_key = hunter2\n", &[], &[]).unwrap_err().to_string();
    assert!(text.contains("line 2") && !text.contains("hunter2"), "{text}");
}

#[test]
fn a_missing_file_is_an_error() {
    let text = problem(&[("ROSTERD_CONFIG", "no/such/file.toml")]);
    assert!(text.contains("no/such/file.toml"), "{text}");
}

#[test]
fn every_kind_of_setting_can_stand_in_the_file() {
    let file = r#"
        [limits]
        body_bytes = 4096
        [trusted_headers]
        email = "X-Forwarded-Email"
        proxies = ["10.0.0.0/8", "::1"]
        [database]
        wait = "250ms"
        busy_timeout = 2
        [ui]
        prompt_suggestions = [{ title = ["a", "b"], content = "c" }]
        [permissions.workspace]
        models = true
    "#;
    let config = layered(file, &[], &[]).unwrap();
    assert_eq!(config.limits.body_bytes, 4096);
    assert!(config.proxies.trusted.contains("10.9.9.9".parse().unwrap()));
    assert!(config.proxies.trusted.contains("::1".parse().unwrap()));
    assert_eq!(config.database.wait, Duration::from_millis(250));
    assert_eq!(config.database.busy_timeout, Duration::from_secs(2));
    assert_eq!(config.stored.value(Key::PromptSuggestions)[0]["title"][1], "b");
    assert_eq!(config.stored.permissions.get("workspace", "models"), Some(true));
}

#[test]
fn each_permission_has_its_variable() {
    let builtin = OPEN_WEBUI_0_12.builtin();
    for (section, right) in builtin.rights().iter() {
        let (key, allowed, variable) = (right.key, right.builtin, right.variable);
        let config = load(&[(variable, if allowed { "False" } else { "True" })]).unwrap();
        assert_eq!(config.stored.permissions.get(section, key), Some(!allowed), "{variable}");
        let changed = config.stored.permissions.iter().zip(builtin.iter()).filter(|(a, b)| a != b);
        assert_eq!(changed.count(), 1, "{variable}");
    }
}

#[test]
fn a_short_secret_is_refused_and_not_shown() {
    let text = problem(&[("WEBUI_SECRET_KEY", "thirty-one bytes are not enough")]);
    assert!(text.contains("WEBUI_SECRET_KEY") && text.contains("31 bytes"), "{text}");
    assert!(!text.contains("thirty-one"), "{text}");
    assert!(load(&[("WEBUI_SECRET_KEY", SECRET)]).is_ok());
}

#[test]
fn the_secret_file_lies_beside_the_database_or_where_it_is_told() {
    let place = |variables: &[(&str, &str)]| match load(variables).unwrap().tokens.secret {
        SecretSource::File(path) => path,
        SecretSource::Given(_) => unreachable!(),
    };
    assert_eq!(place(&[("DATABASE_URL", "sqlite:////srv/r/a.db")]), Path::new("/srv/r/.rosterd_secret_key"));
    assert_eq!(place(&[("DATABASE_URL", "sqlite:///a.db")]), Path::new("./.rosterd_secret_key"));
    assert_eq!(place(&[("DATABASE_URL", "postgresql://h/d")]), Path::new("./data/.rosterd_secret_key"));
    assert_eq!(place(&[("DATABASE_URL", "sqlite://:memory:")]), Path::new("./data/.rosterd_secret_key"));
    assert_eq!(place(&[("WEBUI_SECRET_KEY_FILE", "/run/secrets/key")]), Path::new("/run/secrets/key"));
}

#[test]
fn nothing_secret_is_shown() {
    let config = load(&[
        ("WEBUI_SECRET_KEY", SECRET),
        ("DATABASE_URL", "postgresql://roster:s3cret@h/d?password=s3cret"),
        ("ROSTERD_DATABASE_REPLICA_URL", "postgresql://roster:s3cret@r/d"),
    ])
    .unwrap();
    for text in [config.to_toml(&Stored::NoDatabase), format!("{config:?}")] {
        // `effective` is the one place that holds the raw texts.
        assert!(!text.contains(SECRET) && !text.contains("s3cret"), "{text}");
    }
    assert!(config.to_toml(&Stored::NoDatabase).contains("postgresql://roster:***@h/d"));
}

#[test]
fn what_config_prints_can_be_read_back() {
    let config = load(&[
        ("WEBUI_NAME", "a \"quoted\"\\ name\nof two lines\u{1}"),
        ("ROSTERD_TRUSTED_PROXIES", "10.0.0.0/8,::1"),
        ("WEBUI_AUTH_TRUSTED_EMAIL_HEADER", "X-Email"),
        ("DEFAULT_PROMPT_SUGGESTIONS", r#"[{"content":"c"}]"#),
        ("ENABLE_SIGNUP", "FALSE"),
        ("PORT", "81"),
    ])
    .unwrap();
    let again = layered(&config.to_toml(&Stored::NoDatabase), &[], &[]).unwrap();
    let shown =
        |config: &Config| -> Vec<String> { config.effective.iter().map(Effective::printed).collect() };
    assert_eq!(shown(&again), shown(&config));
    assert!(config.to_toml(&Stored::NoDatabase).contains("port = 81  # environment variable PORT\n"));
    assert!(config.to_toml(&Stored::NoDatabase).contains("host = \"127.0.0.1\"  # default (HOST)\n"));
}

#[test]
fn r3_the_pattern_knows_look_ahead_and_counts_only_when_switched_on() {
    let fits = |variables: &[(&str, &str)], password: &str| {
        load(variables).unwrap().passwords.policy.check(&PlainPassword::new(password.to_owned())).is_ok()
    };
    assert!(fits(&[], "only-lower"));
    let on = [("ENABLE_PASSWORD_VALIDATION", "true")];
    assert!(!fits(&on, "only-lower"));
    assert!(fits(&on, "Upp3r&lower"));
    let own = [("ENABLE_PASSWORD_VALIDATION", "true"), ("PASSWORD_VALIDATION_REGEX_PATTERN", "ab|cd")];
    assert!(fits(&own, "cdefghij"));
    assert!(!fits(&own, "xxabcdxx"), "matched from the beginning");
}

#[test]
fn m27a_a_pattern_that_is_none_gives_way_to_the_default_and_is_told_of() {
    let config = load(&[
        ("ENABLE_PASSWORD_VALIDATION", "true"),
        ("PASSWORD_VALIDATION_REGEX_PATTERN", "("),
        ("PASSWORD_VALIDATION_HINT", "Ask Ada."),
    ])
    .unwrap();
    assert!(config.warnings.iter().any(|it| it.contains("PASSWORD_VALIDATION_REGEX_PATTERN")));
    let check = |text: &str| config.passwords.policy.check(&PlainPassword::new(text.to_owned()));
    assert!(check("Upp3r&lower").is_ok());
    for refused in ["only-lower", "Sh0rt&"] {
        assert_eq!(check(refused).unwrap_err().to_string(), "Ask Ada.");
    }
}

#[test]
fn headers_have_the_names_that_open_webui_gives_them() {
    let config =
        load(&[("HSTS", " max-age=1 "), ("XFRAME_OPTIONS", "ALLOWALL"), ("CACHE_CONTROL", "")]).unwrap();
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let wanted = [header("strict-transport-security", "max-age=1"), header("x-frame-options", "DENY")];
    assert_eq!(config.headers, wanted);
    let same = load(&[("XFRAME_OPTIONS", "SAMEORIGIN")]).unwrap();
    assert_eq!(same.headers, [header("x-frame-options", "SAMEORIGIN")]);
    assert!(problem(&[("REFERRER_POLICY", "a\nb")]).contains("REFERRER_POLICY"));
}

#[test]
fn trusted_headers_need_proxies_that_may_set_them() {
    let email = ("WEBUI_AUTH_TRUSTED_EMAIL_HEADER", "X-Email");
    let told = problem(&[email]);
    assert!(told.contains("ROSTERD_TRUSTED_PROXIES") && told.contains("leave this variable away"), "{told}");
    assert!(
        problem(&[("WEBUI_AUTH_TRUSTED_NAME_HEADER", "X-Name")]).contains("WEBUI_AUTH_TRUSTED_NAME_HEADER")
    );
    let proxies = ("ROSTERD_TRUSTED_PROXIES", "127.0.0.1");
    let headers = load(&[email, proxies]).unwrap().proxies.sign_in.unwrap();
    assert_eq!((headers.email.as_str(), headers.name), ("x-email", None));
}

#[test]
fn a_cookie_for_other_sites_must_be_secure() {
    let none = ("WEBUI_AUTH_COOKIE_SAME_SITE", "none");
    assert!(problem(&[none]).contains("WEBUI_AUTH_COOKIE_SECURE"));
    assert!(load(&[none, ("WEBUI_AUTH_COOKIE_SECURE", "true")]).is_ok());
}

#[test]
fn a_cookie_with_a_guarding_prefix_must_be_secure() {
    let name = ("ROSTERD_COOKIE_NAME", "__Host-token");
    assert!(problem(&[name]).contains("WEBUI_AUTH_COOKIE_SECURE"));
    assert_eq!(load(&[name, ("WEBUI_AUTH_COOKIE_SECURE", "true")]).unwrap().cookies.name, "__Host-token");
    assert!(problem(&[("ROSTERD_COOKIE_NAME", "a b")]).contains("no name of a cookie"));
    assert_eq!(load(&[]).unwrap().cookies.name, "token");
}

#[test]
fn origins_are_listed_as_open_webui_lists_them() {
    let origins = |text| load(&[("CORS_ALLOW_ORIGIN", text)]).unwrap().allowed_origins;
    assert_eq!(load(&[]).unwrap().allowed_origins, [""; 0]);
    assert_eq!(origins("*"), ["*"]);
    assert_eq!(
        origins(" https://a.example; http://b.example:8080;"),
        ["https://a.example", "http://b.example:8080"]
    );
    for bad in ["https://a.example/", "a.example", "https://*.example", "https://", "https://a b"] {
        assert!(problem(&[("CORS_ALLOW_ORIGIN", bad)]).contains("is no origin"), "{bad}");
    }
}

#[test]
fn the_strength_of_passwords_is_a_level() {
    use rosterd_domain::rules::password_strength::Strength;
    let strength = |text| load(&[("ROSTERD_PASSWORD_STRENGTH", text)]).unwrap().passwords.policy.strength;
    assert_eq!(strength("0"), Strength::ANY);
    assert_eq!(Some(strength("3")), Strength::new(3));
    assert!(problem(&[("ROSTERD_PASSWORD_STRENGTH", "5")]).contains("ROSTERD_PASSWORD_STRENGTH"));
}

#[test]
fn odds_and_ends_are_read_as_meant() {
    let config = load(&[
        ("HOST", "[::1]"),
        ("JWT_EXPIRES_IN", "-1"),
        ("ROSTERD_MAX_LISTED_IMAGE_BYTES", "0"),
        ("GLOBAL_LOG_LEVEL", "WARNING"),
        ("DATABASE_POOL_SIZE", "3"),
        ("ADMIN_EMAIL", "ada@example.com"),
    ])
    .unwrap();
    assert_eq!(config.server.host, "::1");
    assert_eq!(config.stored.token_life(), TokenLife::Never);
    assert_eq!(config.images.listed_bytes, None);
    assert_eq!(config.logging.filter, "warn");
    assert_eq!(config.database.store_options().threads, 3);
    assert_eq!(config.stored.value(Key::AdminEmail), "ada@example.com");
    let directives = load(&[("RUST_LOG", "info,rosterd=debug"), ("GLOBAL_LOG_LEVEL", "error")]).unwrap();
    assert_eq!(directives.logging.filter, "info,rosterd=debug");
}

#[test]
fn a_misspelt_variable_of_ours_is_told() {
    let config =
        load(&[("ROSTERD_SYNCRONOUS", "normal"), ("ROSTERD_TEST_POSTGRES_URL", "x"), ("OTHER", "x")])
            .unwrap();
    assert_eq!(
        config.warnings,
        ["ROSTERD_SYNCRONOUS is set, but there is no such variable; the nearest name is ROSTERD_SYNCHRONOUS"]
    );
}

#[test]
fn no_color_is_any_text_but_the_empty_one() {
    assert!(load(&[]).unwrap().logging.colours);
    assert!(load(&[("NO_COLOR", "")]).unwrap().logging.colours);
    for text in ["1", "true", "false", "0"] {
        assert!(!load(&[("NO_COLOR", text)]).unwrap().logging.colours, "{text}");
    }
}

/// `rosterd config` finds the stored value of a setting by the name of its variable.
#[test]
fn every_stored_setting_with_a_variable_is_a_setting() {
    let config = load(&[]).unwrap();
    let defaults = config.stored.clone();
    let stored = actix_web::rt::System::new().block_on(async {
        let url = rosterd_storage::DatabaseUrl::parse("sqlite://:memory:").unwrap();
        let store = rosterd_storage::Store::open(&rosterd_storage::StoreOptions::new(url)).unwrap();
        let layout = store.layout().clone();
        store.read(move |db| stored_settings(db, &layout, &defaults)).await.unwrap()
    });
    let (settings, others): (Vec<_>, Vec<_>) = stored.iter().partition(|stored| {
        config.effective.iter().any(|entry| {
            // Without anything stored the two agree; an empty text is shown as no number.
            let agrees = entry.value() == stored.value || stored.value.is_null() || entry.value().is_null();
            entry.setting.variable == stored.name && agrees
        })
    });
    assert_eq!(settings.len(), 43 + 67);
    let others: Vec<_> = others.iter().map(|stored| stored.path.as_str()).collect();
    assert_eq!(others, ["ui.i18n"]);
    assert!(stored.iter().all(|stored| !stored.stored));
}
