//! Which database the settings name: Open WebUI's ways to name one, and what is refused because it cannot be honoured.

use super::*;

fn load(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::from_variables(variables.iter().copied())
}

fn url(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap().database.url.to_string()
}

fn problem(variables: &[(&str, &str)]) -> String {
    load(variables).unwrap_err().to_string()
}

/// A server named whole, and what else is set.
fn server<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let whole = [
        ("DATABASE_TYPE", "postgresql"),
        ("DATABASE_HOST", "db.example.com"),
        ("DATABASE_PORT", "5433"),
        ("DATABASE_NAME", "webui"),
        ("DATABASE_USER", "ow"),
        ("DATABASE_PASSWORD", "p@s/s3cret%#"),
    ];
    let kept = whole.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
    kept.chain(more.iter().copied().filter(|(_, value)| !value.is_empty())).collect()
}

const SERVER: &str = "postgresql://ow:***@db.example.com:5433/webui";

#[test]
fn a_server_named_by_its_parts_is_the_database() {
    assert_eq!(url(&server(&[])), SERVER);
    assert_eq!(url(&server(&[("DATABASE_PASSWORD", "")])), "postgresql://ow@db.example.com:5433/webui");
    assert_eq!(url(&server(&[("DATABASE_TYPE", "postgresql+psycopg2")])), SERVER);
    assert_eq!(url(&server(&[("DATABASE_HOST", "::1")])), "postgresql://ow:***@[::1]:5433/webui");
    let config = load(&server(&[])).unwrap();
    let shown = config.to_toml(&Stored::NoDatabase);
    let named =
        "DATABASE_TYPE, DATABASE_HOST, DATABASE_PORT, DATABASE_NAME, DATABASE_USER, DATABASE_PASSWORD";
    assert!(shown.contains(&format!("url = \"{SERVER}\"  # from {named}\n")), "{shown}");
    assert!(shown.contains("# password: hidden  # environment variable DATABASE_PASSWORD\n"), "{shown}");
    assert!(!format!("{shown} {:?} {config:?}", config.to_json(&Stored::NoDatabase)).contains("s3cret"));
    assert!(
        load(&[])
            .unwrap()
            .to_toml(&Stored::NoDatabase)
            .contains("# password: none  # default (DATABASE_PASSWORD)\n")
    );
}

#[test]
fn as_at_open_webui_the_parts_win_over_the_url() {
    let other = ("DATABASE_URL", "sqlite:////srv/other.db");
    let config = load(&server(&[other])).unwrap();
    assert_eq!(config.database.url.to_string(), SERVER);
    assert!(config.warnings[0].contains("DATABASE_URL is not used"), "{:?}", config.warnings);
    let same =
        load(&server(&[("DATABASE_URL", "postgresql://ow:p%40s%2Fs3cret%25%23@db.example.com:5433/webui")]));
    assert_eq!(same.unwrap().warnings, [""; 0]);

    let flags = BTreeMap::from([("DATABASE_URL".to_owned(), other.1.to_owned())]);
    let environment =
        server(&[]).into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let config = Config::load(&Sources::new(None, flags, environment, &all_settings()).unwrap()).unwrap();
    assert_eq!(config.database.url.to_string(), other.1, "but not over the command line");
}

#[test]
fn half_a_server_is_refused_with_what_is_missing() {
    let text =
        problem(&[("DATABASE_TYPE", "postgresql"), ("DATABASE_HOST", "h"), ("DATABASE_PASSWORD", "s3cret")]);
    assert!(text.contains("set DATABASE_PORT, DATABASE_NAME, DATABASE_USER too"), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    assert!(problem(&[("DATABASE_HOST", "h")]).contains("DATABASE_TYPE, DATABASE_PORT"));
    assert!(problem(&[("DATABASE_TYPE", "postgresql")]).contains("DATABASE_HOST"));
    let config = load(&[("DATABASE_URL", "sqlite:///a.db"), ("DATABASE_HOST", "h")]).unwrap();
    assert_eq!(config.database.url.to_string(), "sqlite:///a.db");
    assert!(config.warnings[0].contains("DATABASE_HOST"), "{:?}", config.warnings);
}

#[test]
fn what_cannot_be_honoured_stops_the_start() {
    for (variables, words) in [
        (server(&[("DATABASE_TYPE", "mysql")]), "DATABASE_TYPE"),
        (vec![("DATABASE_TYPE", "sqlite+sqlcipher"), ("DATABASE_PASSWORD", "s3cret")], "encrypted"),
        (server(&[("DATABASE_TYPE", "sqlite")]), "sqlite is a file"),
        (server(&[("DATABASE_HOST", "'db'")]), "remove the quotation marks"),
        (server(&[("DATABASE_HOST", "db/s3cret@x")]), "DATABASE_HOST"),
        (server(&[("DATABASE_PORT", "s3cret")]), "DATABASE_PORT"),
        (server(&[("DATABASE_SCHEMA", "\"ow\"")]), "DATABASE_SCHEMA"),
        (vec![("DATABASE_SCHEMA", "ow")], "has no schemas"),
        (vec![("DATABASE_URL", "'postgresql://u:s3cret@h/d'")], "remove the quotation marks"),
        (
            vec![("ROSTERD_DATABASE_REPLICA_URL", "\"postgresql://u:s3cret@h/d\"")],
            "remove the quotation marks",
        ),
        (
            vec![("ROSTERD_DATABASE_REPLICA_URL", "postgresql://u:s3cret@h/d")],
            "a replica is one of PostgreSQL",
        ),
        (server(&[("ROSTERD_DATABASE_REPLICA_URL", "sqlite:///a.db")]), "a replica is one of PostgreSQL"),
    ] {
        let text = problem(&variables);
        assert!(text.contains(words) && !text.contains("s3cret"), "{words}: {text}");
    }
}

#[test]
fn a_type_of_sqlite_changes_nothing() {
    assert_eq!(url(&[("DATABASE_TYPE", "sqlite")]), "sqlite:///./data/rosterd.db");
    assert_eq!(url(&[("DATABASE_TYPE", "sqlite"), ("DATABASE_URL", "sqlite:///a.db")]), "sqlite:///a.db");
}

#[test]
fn a_schema_holds_for_the_replica_too() {
    let replica = ("ROSTERD_DATABASE_REPLICA_URL", "postgresql://u@r/d");
    let database = load(&server(&[("DATABASE_SCHEMA", "ow"), replica])).unwrap().database;
    assert_eq!((database.url.schema(), database.replica_url.unwrap().schema()), (Some("ow"), Some("ow")));
}
