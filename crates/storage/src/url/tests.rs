use percent_encoding::percent_decode_str;
use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> DatabaseUrl {
    DatabaseUrl::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn file(text: &str) -> String {
    match parse(text).0 {
        Kind::SqliteFile(path) => path,
        _ => panic!("{text} is no file"),
    }
}

fn uri(url: &DatabaseUrl) -> String {
    match url.kind() {
        Kind::Postgres(url) => url.uri(),
        _ => panic!("{url} is no PostgreSQL database"),
    }
}

fn refusal(text: &str) -> String {
    DatabaseUrl::parse(text).expect_err(text).to_string()
}

#[test]
fn sqlite_spellings() {
    assert_eq!(file("sqlite:///data/webui.db"), "data/webui.db");
    assert_eq!(file("sqlite:////var/web ui/webui.db"), "/var/web ui/webui.db");
    assert_eq!(file("sqlite+aiosqlite:///a.db?timeout=5"), "a.db");
    assert_eq!(file("data/webui.db"), "data/webui.db");
    assert_eq!(file("./roster"), "./roster");
    assert_eq!(file("sqlite:///roster"), "roster");
    assert_eq!(file("/srv/app@1/a=b.db"), "/srv/app@1/a=b.db");
    for throw_away in ["sqlite://", "sqlite://:memory:", "sqlite:///:memory:"] {
        assert!(parse(throw_away).0 == Kind::SqliteThrowAway, "{throw_away}");
    }
}

#[test]
fn a_windows_path_is_one_on_windows_alone() {
    for path in ["C:\\data\\webui.db", "sqlite:///C:/data/webui.db", "C:/data/webui.db", "data\\webui.db"] {
        if cfg!(windows) {
            assert!(path.ends_with(&file(path)), "{path}");
        } else {
            assert!(refusal(path).contains("a Windows path"), "{path}");
        }
    }
}

#[test]
fn postgres_spellings() {
    for scheme in ["postgres", "postgresql", "postgresql+psycopg2", "postgresql+asyncpg", "POSTGRESQL"] {
        let url = parse(&format!(" {scheme}://u:p@h:5432/d?sslmode=require\r\n"));
        assert_eq!(uri(&url), "postgresql://u:p@h:5432/d?sslmode=require");
        assert_eq!(url.to_string(), "postgresql://u:***@h:5432/d");
    }
    for same in [
        "postgresql://",
        "postgresql:///d",
        "postgresql://h",
        "postgresql://u@h/",
        "postgresql://h1:1,h2:2/d",
        "postgresql://[::1]:5432/d",
        "postgresql://%2Frun%2Fpostgresql:5432/d",
        "postgresql://h?sslmode=require",
        "postgresql:///d?host=/tmp/s&port=6432&user=u",
        "postgresql://docker_db_1/d",
    ] {
        assert_eq!(uri(&parse(same)), same);
    }
    assert_eq!(uri(&parse("postgresql://h/d?ssl=require")), "postgresql://h/d?sslmode=require");
    assert_eq!(uri(&parse("postgresql://h/d?options=-cjit=off")), "postgresql://h/d?options=-cjit%3Doff");
    let socket = "postgresql://u:p@/d?host=/cloudsql/project:region:instance";
    assert_eq!(uri(&parse(socket)), socket);
}

#[test]
fn what_breaks_nothing_is_taken_and_encoded() {
    let url = parse("postgresql://u:a#b?c:d@h/d");
    assert_eq!(uri(&url), "postgresql://u:a%23b%3Fc%3Ad@h/d");
    assert!(url.hint().contains("%23"));
    assert_eq!(uri(&parse("postgresql://u:a%40b@h/d")), "postgresql://u:a%40b@h/d");
    assert_eq!(parse("postgresql://u:a%40b@h/d").hint(), "");
}

#[test]
fn what_is_put_around_a_url_is_refused_with_its_remedy() {
    for (text, remedy) in [
        ("\"postgresql://u:s3cret@h/d\"", "remove the quotation marks"),
        ("'sqlite:////a/s3cret.db'", "remove the quotation marks"),
        ("postgresql://u:s3cret@h/d'", "remove the quotation marks"),
        ("“sqlite:///s3cret.db”", "remove the quotation marks"),
        ("export DATABASE_URL=postgresql://u:s3cret@h/d", "without export"),
        ("SET DATABASE_URL=postgresql://u:s3cret@h/d", "without export"),
        ("DATABASE_URL=postgresql://u:s3cret@h/d", "remove both"),
        ("ROSTERD_DATABASE_REPLICA_URL = postgresql://u:s3cret@h/d", "remove both"),
        ("DATABASE_URL: postgresql://u:s3cret@h/d", "remove the text before"),
        ("<postgresql://u:s3cret@h/d>", "remove the text before"),
        ("host=h user=u password=s3cret", "postgresql://user:password@host:port/database"),
        ("s3cret", "single word"),
        ("postgres", "postgresql://user:password@host:port/database"),
        ("rosterd", "sqlite:/// and its name"),
        ("a\nb.db", "on one line"),
    ] {
        let error = refusal(text);
        assert!(error.contains(remedy) && !error.contains("s3cret"), "{text}: {error}");
    }
}

#[test]
fn a_mistyped_scheme_is_refused_with_its_remedy() {
    for (text, remedy) in [
        ("", "accepted are"),
        (" \n", "accepted are"),
        ("mysql://u:s3cret@h/d", "accepted are"),
        ("s3cret://h/d", "accepted are"),
        ("postgres:bad", "postgresql://user"),
        ("postgresql:/u:s3cret@h/d", "postgresql://user"),
        ("postgresql//u:s3cret@h/d", "has no colon"),
        ("postgre://u:s3cret@h/d", "postgresql://user"),
        ("jdbc:postgresql://h/d?user=u&password=s3cret", "remove that"),
        ("u:s3cret@h:5432/d", "postgresql://user"),
        ("s3cret@h/d", "postgresql://user"),
        ("h:5432/d", "sqlite:/// and its path"),
        ("10.0.0.1:5432/d", "sqlite:/// and its path"),
        ("localhost:5432/d", "sqlite:/// and its path"),
        ("sqlite:/a.db", "sqlite:////absolute.db"),
        ("sqlite://a.db", "sqlite:////absolute.db"),
        ("sqlite:a.db", "sqlite:////absolute.db"),
        ("file:a.db", "sqlite:////absolute.db"),
        ("file:///srv/a.db", "sqlite:////absolute.db"),
        ("sqlite3:///a.db", "sqlite:////absolute.db"),
        ("sqlite:///file:a.db?mode=ro", "sqlite:////absolute.db"),
        ("sqlite:///postgresql://u:s3cret@h/d", "postgresql://user"),
        ("sqlite:///~/webui.db", "whole path"),
        ("sqlite:///${DATA}/webui.db", "whole path"),
        ("sqlite:////data/", "name the file"),
    ] {
        let error = refusal(text);
        assert!(error.contains(remedy) && !error.contains("s3cret"), "{text}: {error}");
    }
    for encrypted in ["sqlite+sqlcipher:///a.db", "sqlite+pysqlcipher://:pw@/a.db", "sqlite+sqlcipher:a.db"] {
        assert_eq!(DatabaseUrl::parse(encrypted), Err(UrlError::Encrypted));
    }
}

#[test]
fn a_password_that_breaks_the_url_is_not_repeated_and_encoding_is_suggested() {
    for (text, remedy) in [
        ("postgresql://u:a@s3cret@h/d", "%40"),
        ("postgresql://u:a@s3cret/b@h/d", "%2F"),
        ("postgresql://u:ab@cd/s3cret#1@h:55432/x", "%40"),
        ("postgresql://u:a/s3cret@h/d", "%2F"),
        ("postgresql://u:12/s3cret?user=x@h/d", "%2F"),
        ("postgresql://u:100%s3cret@h/d", "%25"),
        ("postgresql://u:s3cret%", "%25"),
        ("postgresql://u:s3cret%00@h/d", "%25"),
        ("postgresql://u:s3cret", "%23"),
        ("postgresql://u:s3cret/d", "%2F"),
        ("postgresql://u:a s3cret@h/d", "%20"),
        ("postgresql://u?s3cret@h/d", "%3F"),
        ("postgresql://u:p@s3cret!/d", "%40"),
        ("postgresql://u:p@h:s3cret/d", "%40"),
        ("postgresql://u:p@h:70000/d", "%40"),
        ("postgresql://u:p@[s3cret]/d", "%40"),
        ("postgresql://h/d?s3cret", "name=value"),
        ("postgresql://h/d?s3cret=1", "name=value"),
    ] {
        let error = refusal(text);
        assert!(error.contains(remedy) && !error.contains("s3cret"), "{text}: {error}");
    }
}

#[test]
fn no_password_is_shown() {
    for text in [
        "postgresql://u:s3cret@h/d",
        "postgresql+psycopg2://u:s3cret@h/d",
        "postgresql://:s3cret@h/d",
        "postgresql://h/d?user=u&password=s3cret",
    ] {
        let url = parse(text);
        assert!(!format!("{url} {url:?}").contains("s3cret"), "{url}");
        let said = url.scrubbed("invalid something: \"s3cret\" at d");
        assert_eq!(said, "invalid something: \"***\" at d");
    }
    let url = parse("postgresql://roster:roster@h/d?sslpassword=a%20b-c");
    assert_eq!(url.scrubbed("user \"roster\": a%20b-c, a b-c"), "user \"roster\": ***, ***");
}

#[test]
fn a_schema_becomes_an_option_of_the_session() {
    let of = |text: &str, schema: &str| uri(&parse(text).with_schema(schema));
    let decoded = |uri: String| percent_decode_str(&uri).decode_utf8().unwrap().into_owned();
    assert_eq!(decoded(of("postgresql://h/d", "ow")), "postgresql://h/d?options=-c search_path=\"ow\"");
    assert_eq!(
        decoded(of("postgresql://h/d?sslmode=require&options=-c%20jit%3Doff", "ow")),
        "postgresql://h/d?sslmode=require&options=-c jit=off -c search_path=\"ow\""
    );
    assert!(
        decoded(of("postgresql://h/d?options=a&options=b", "ow"))
            .ends_with("options=b -c search_path=\"ow\"")
    );
    // As an identifier, and then as a word of the options.
    assert!(decoded(of("postgresql://h/d", "a \"b\\")).ends_with(r#"search_path="a\ ""b\\""#));
    let url = parse("postgresql://h/d").with_schema("ow");
    assert_eq!((url.schema(), parse("sqlite:///a.db").with_schema("ow").schema()), (Some("ow"), None));
    let Kind::Postgres(url) = url.kind() else { unreachable!() };
    assert_eq!(url.without_schema().uri(), "postgresql://h/d");
}

#[test]
fn the_parts_of_a_server_are_encoded() {
    let of = |user, password, host, name| {
        let server = ServerParts { user, password, host, port: 5432, name };
        DatabaseUrl::on_server(&server).map(|url| uri(&url))
    };
    assert_eq!(
        of("u", Some("p@s/s#?:%zz"), "db", "d"),
        Ok("postgresql://u:p%40s%2Fs%23%3F%3A%25zz@db:5432/d".into())
    );
    assert_eq!(
        of("u", Some("p%40s"), "db", "d"),
        Ok("postgresql://u:p%40s@db:5432/d".into()),
        "encoded already"
    );
    assert_eq!(of("u", None, "::1", "d"), Ok("postgresql://u@[::1]:5432/d".into()));
    assert_eq!(of("u", None, "/run/pg", "a b"), Ok("postgresql://u@%2Frun%2Fpg:5432/a%20b".into()));
    let with_options = of("u", None, "db", "d?sslmode=require");
    assert_eq!(with_options, Ok("postgresql://u@db:5432/d?sslmode=require".into()));
    assert!(of("u", None, "db/x@y", "d").is_err());
    assert!(of("u", None, "\"db\"", "d").is_err());
}

proptest! {
    /// Characters that have a meaning in a URL, and letters that no message has: whatever the password does to the URL,
    /// no four characters of it in a row are shown, unless they are all of the first kind.
    #[test]
    fn no_password_leaks(password in "[@#/?%:&=+!$'\"\\\\,;\\[\\]~. QXZJKV789]{4,24}") {
        let shown = |text: &str| match DatabaseUrl::parse(text) {
            Ok(url) => {
                let scrubbed = url.scrubbed(&format!("no host \"{password}\""));
                let mut shown = format!("{url} {url:?} {}", url.hint());
                if let Kind::Postgres(_) = url.kind() {
                    shown.push_str(&scrubbed);
                }
                shown
            }
            Err(error) => format!("{error} {error:?}"),
        };
        let mut texts = vec![
            shown(&format!("postgresql://usr:{password}@127.0.0.1:1/db")),
            shown(&format!("'postgresql://usr:{password}@127.0.0.1:1/db'")),
            shown(&format!("export DATABASE_URL=postgresql://usr:{password}@127.0.0.1:1/db")),
            shown(&format!("usr:{password}@127.0.0.1:1/db")),
        ];
        let server = ServerParts { user: "usr", password: Some(&password), host: "h", port: 1, name: "db" };
        texts.push(DatabaseUrl::on_server(&server).map_or_else(|error| error.to_string(), |url| url.to_string()));
        let characters: Vec<char> = password.chars().collect();
        for window in characters.windows(4).filter(|window| window.iter().any(char::is_ascii_alphanumeric)) {
            let piece: String = window.iter().collect();
            for text in &texts {
                prop_assert!(!text.contains(&piece), "{piece} of {password} in {text}");
            }
        }
    }
}

#[test]
fn a_program_gets_the_password_apart_from_the_uri() {
    let of = |text: &str| {
        let url = DatabaseUrl::parse(text).unwrap().with_schema("chat");
        let Kind::Postgres(parts) = url.kind() else { panic!("{text}") };
        parts.for_programs().map_err(str::to_owned)
    };
    let with =
        |password: &str| Ok(("postgresql://a@h:1/d?sslmode=require".to_owned(), Some(password.to_owned())));
    assert_eq!(of("postgres://a:p%40ss%25@h:1/d?sslmode=require"), with("p@ss%"));
    assert_eq!(of("postgres://a:old@h:1/d?password=new&sslmode=require"), with("new"));
    assert_eq!(of("postgres://h/d"), Ok(("postgresql://h/d".to_owned(), None)));
    assert_eq!(of("postgres://h/d?sslpassword=x"), Err("sslpassword".to_owned()));
}
