//! `[mail]`: by which server mails are sent, from whom, and their texts.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rosterd_app::mail::{MailSettings, Sender, SmtpServer, Templates};
use rosterd_domain::mail::{Language, MailKind};

use crate::config::parse::{self, Parsed};
use crate::config::reader::Reader;
use crate::config::sections::server::ServerConfig;
use crate::config::setting::{Kind, Setting};

const SMTP_URL: Setting = Setting::new(
    "mail.smtp_url",
    "ROSTERD_SMTP_URL",
    &[],
    Kind::Secret,
    "",
    "Mail server: smtps://USER:PASSWORD@HOST for TLS from the beginning, or smtp://HOST:587?tls=required for STARTTLS; tls=opportunistic and tls=none are possible, too. If it is not set, no mail is sent.",
);
const SMTP_URL_FILE: Setting = Setting::new(
    "mail.smtp_url_file",
    "ROSTERD_SMTP_URL_FILE",
    &[],
    Kind::Text,
    "",
    "A file with the URL of the mail server, if ROSTERD_SMTP_URL is not set.",
);
const CA_FILE: Setting = Setting::new(
    "mail.ca_file",
    "ROSTERD_SMTP_CA_FILE",
    &[],
    Kind::Text,
    "",
    "PEM file with the certificates of authorities that the mail server's certificate must be signed by. If it is not set, those that the system trusts.",
);
const FROM: Setting = Setting::new(
    "mail.from",
    "ROSTERD_MAIL_FROM",
    &[],
    Kind::Text,
    "",
    "Whom mails come from, such as \"Accounts <accounts@example.com>\". Needed with a mail server.",
);
const LANGUAGE: Setting = Setting::new(
    "mail.language",
    "ROSTERD_MAIL_LANGUAGE",
    &[],
    Kind::Choice(&["en", "de"]),
    "en",
    "Language of mails to people whose own is not known.",
);
const TEMPLATES: Setting = Setting::new(
    "mail.templates",
    "ROSTERD_MAIL_TEMPLATES",
    &[],
    Kind::Text,
    "",
    "Folder with texts that take the place of those that are built in, such as en/invite.txt.",
);

const CONFIRM_EMAIL: Setting = Setting::new(
    "mail.confirm_email",
    "ROSTERD_CONFIRM_EMAIL",
    &[],
    Kind::Switch,
    "false",
    "Who signs up, and whose e-mail address is changed, confirms the e-mail address by a link in a mail; until then the role is pending. Needs a mail server, ROSTERD_PUBLIC_URL and the console.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] =
    &[SMTP_URL, SMTP_URL_FILE, CA_FILE, FROM, LANGUAGE, TEMPLATES, CONFIRM_EMAIL];

/// How mails are sent, if mail is set up; `None` after noting a problem.
#[expect(clippy::option_option, reason = "outer: readable; inner: set up")]
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Option<MailSettings>> {
    let given = reader.read_optional(&SMTP_URL, server);
    let in_file = reader.read_optional(&SMTP_URL_FILE, server_in_file);
    let ca_file = reader.read_optional(&CA_FILE, |text| {
        let file = PathBuf::from(text);
        if file.is_file() { Ok(file) } else { Err(format!("`{text}` is no file")) }
    });
    let sender = reader.read_optional(&FROM, |text| Sender::parse(text).map_err(str::to_owned));
    let languages = Language::ALL.map(|language| (language.as_str(), language));
    let language = reader.read(&LANGUAGE, |text| parse::choice(&languages, text));
    let templates = reader.read_optional(&TEMPLATES, |text| read_templates(Path::new(text)));
    let (server, ca_file, sender) = (given?.or(in_file?), ca_file?, sender?);
    let (language, templates) = (language?, templates?);
    match (server, sender) {
        (None, None) => Some(None),
        (Some(_), None) => {
            reader.conflict(&FROM, "is needed with ROSTERD_SMTP_URL: set it to the sender of mails, such as `Accounts <accounts@example.com>`");
            None
        }
        (None, Some(_)) => {
            reader.conflict(&SMTP_URL, "is needed with ROSTERD_MAIL_FROM: set it to the mail server, such as smtps://USER:PASSWORD@HOST");
            None
        }
        (Some(server), Some(sender)) => {
            if server.tells_password_in_the_clear() {
                reader.warn(
                    "ROSTERD_SMTP_URL has a password, but TLS is not required: it may be sent in the clear. tls=required or smtps:// \
                     mends that."
                        .to_owned(),
                );
            }
            Some(Some(MailSettings {
                language,
                ca_file,
                templates: Arc::new(templates.unwrap_or_default()),
                ..MailSettings::new(server, sender)
            }))
        }
    }
}

/// Whether e-mail addresses are to be confirmed (rule C1); `None` after noting a problem. `has_mail` and `server` are `None` where
/// what they say could not be read, which has been noted.
pub(in crate::config) fn read_confirmation(
    reader: &mut Reader<'_>,
    has_mail: Option<bool>,
    server: Option<&ServerConfig>,
) -> Option<bool> {
    let is_on = reader.read(&CONFIRM_EMAIL, parse::switch)?;
    let missing = match (has_mail, server) {
        (Some(false), _) => {
            "needs a mail server: set ROSTERD_SMTP_URL and ROSTERD_MAIL_FROM, or switch it off"
        }
        (_, Some(server)) if server.public_url.is_none() => {
            "needs the URL by which people reach this server: set ROSTERD_PUBLIC_URL, or switch it off"
        }
        (_, Some(server)) if !server.console => {
            "needs the console, which opens its links: set ROSTERD_CONSOLE to true, or switch it off"
        }
        _ => return Some(is_on),
    };
    if is_on {
        reader.conflict(&CONFIRM_EMAIL, missing);
        return None;
    }
    Some(false)
}

/// Never shows the text, which holds a password.
fn server(text: &str) -> Parsed<SmtpServer> {
    SmtpServer::parse(text).map_err(str::to_owned)
}

fn server_in_file(path: &str) -> Parsed<SmtpServer> {
    let text = fs::read_to_string(path).map_err(|why| format!("`{path}` cannot be read ({})", why.kind()))?;
    SmtpServer::parse(&text).map_err(|problem| format!("`{path}`: the URL in it {problem}"))
}

/// The built-in texts with those of a folder in their place. A file that replaces nothing is an error: it would be forgotten.
fn read_templates(folder: &Path) -> Parsed<Templates> {
    let replaceable: BTreeMap<PathBuf, (MailKind, Language)> = Templates::files()
        .map(|(language, name, kind)| (Path::new(language.as_str()).join(name), (kind, language)))
        .collect();
    let mut templates = Templates::default();
    for file in files_below(folder)? {
        let Some((kind, language)) = replaceable.get(&file) else {
            let known: Vec<_> = replaceable.keys().map(|file| file.display().to_string()).collect();
            return Err(format!(
                "`{}` takes the place of no text; what there is: {}",
                folder.join(file).display(),
                known.join(", ")
            ));
        };
        let path = folder.join(&file);
        let text = fs::read_to_string(&path)
            .map_err(|why| format!("`{}` cannot be read ({})", path.display(), why.kind()))?;
        templates
            .replace(*kind, *language, &text)
            .map_err(|fault| format!("`{}`, line {}: {}", path.display(), fault.line, fault.problem))?;
    }
    Ok(templates)
}

/// The files of a folder and of the folders in it, from there; hidden ones left out.
fn files_below(folder: &Path) -> Parsed<Vec<PathBuf>> {
    let unreadable =
        |path: &Path, why: &std::io::Error| format!("`{}` cannot be read ({})", path.display(), why.kind());
    let entries = |path: &Path| -> Parsed<Vec<PathBuf>> {
        let listed = fs::read_dir(path).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
        let listed = listed.map_err(|why| unreadable(path, &why))?;
        Ok(listed.into_iter().map(|entry| entry.path()).filter(|path| !is_hidden(path)).collect())
    };
    let mut files = Vec::new();
    for entry in entries(folder)? {
        if entry.is_dir() { files.extend(entries(&entry)?) } else { files.push(entry) }
    }
    files.sort();
    Ok(files.into_iter().filter_map(|file| file.strip_prefix(folder).ok().map(Path::to_path_buf)).collect())
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use crate::config::{Config, ConfigError};

    const SMTP: (&str, &str) = ("ROSTERD_SMTP_URL", "smtps://rosterd:sekret@mail.example.com");
    const FROM: (&str, &str) = ("ROSTERD_MAIL_FROM", "Accounts <accounts@example.com>");

    fn problems(variables: &[(&str, &str)]) -> String {
        let Err(ConfigError::Settings(problems)) = Config::from_variables(variables.iter().copied()) else {
            panic!("{variables:?} are taken")
        };
        assert_eq!(problems.len(), 1, "{problems:?}");
        let text = format!("{} {}", problems[0].name, problems[0].problem);
        assert!(!text.contains("sekret"), "{text}");
        text
    }

    #[test]
    fn mail_is_off_unless_it_is_set_up() {
        assert!(Config::from_variables::<&str, &str>([]).unwrap().mail.is_none());
        let config = Config::from_variables([SMTP, FROM]).unwrap();
        let mail = config.mail.as_ref().unwrap();
        assert_eq!(format!("{:?}", mail.sender), "Accounts <accounts@example.com>");
        assert!(!format!("{config:?}").contains("sekret"), "the configuration shows a password");
        assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    }

    #[test]
    fn a_mail_server_and_a_sender_belong_together() {
        assert!(problems(&[SMTP]).starts_with("ROSTERD_MAIL_FROM is needed"));
        assert!(problems(&[FROM]).starts_with("ROSTERD_SMTP_URL is needed"));
    }

    #[test]
    fn wrong_values_are_named_without_secrets() {
        let url = ("ROSTERD_SMTP_URL", "http://rosterd:sekret@mail.example.com");
        assert!(problems(&[url, FROM]).starts_with("ROSTERD_SMTP_URL must be"));
        assert!(problems(&[SMTP, ("ROSTERD_MAIL_FROM", "nobody")]).starts_with("ROSTERD_MAIL_FROM must be"));
        assert!(problems(&[SMTP, FROM, ("ROSTERD_MAIL_LANGUAGE", "fr")]).contains("en, de"));
        assert!(problems(&[SMTP, FROM, ("ROSTERD_SMTP_CA_FILE", "/nowhere.pem")]).contains("/nowhere.pem"));
        assert!(problems(&[SMTP, FROM, ("ROSTERD_MAIL_TEMPLATES", "/nowhere")]).contains("/nowhere"));
    }

    #[test]
    fn a_password_that_may_be_sent_in_the_clear_is_warned_of() {
        let url = ("ROSTERD_SMTP_URL", "smtp://rosterd:sekret@127.0.0.1?tls=none");
        let config = Config::from_variables([url, FROM]).unwrap();
        assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
    }

    #[test]
    fn c1_e_mail_addresses_are_confirmed_where_links_can_be_sent() {
        let (on, url) =
            (("ROSTERD_CONFIRM_EMAIL", "true"), ("ROSTERD_PUBLIC_URL", "https://chat.example.com"));
        assert!(!Config::from_variables::<&str, &str>([]).unwrap().confirm_email);
        assert!(Config::from_variables([on, url, SMTP, FROM]).unwrap().confirm_email);
        for (variables, missing) in [
            (vec![on, url], "ROSTERD_SMTP_URL"),
            (vec![on, SMTP, FROM], "ROSTERD_PUBLIC_URL"),
            (vec![on, url, SMTP, FROM, ("ROSTERD_CONSOLE", "false")], "ROSTERD_CONSOLE"),
        ] {
            let told = problems(&variables);
            assert!(told.starts_with("ROSTERD_CONFIRM_EMAIL needs") && told.contains(missing), "{told}");
        }
        assert!(problems(&[("ROSTERD_CONFIRM_EMAIL", "perhaps")]).starts_with("ROSTERD_CONFIRM_EMAIL"));
        assert!(!Config::from_variables([("ROSTERD_CONFIRM_EMAIL", "false")]).unwrap().confirm_email);
    }

    #[test]
    fn the_url_may_be_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("smtp");
        let name = file.to_str().unwrap();
        std::fs::write(&file, "smtp://rosterd:sekret@mail.example.com:587\n").unwrap();
        assert!(Config::from_variables([("ROSTERD_SMTP_URL_FILE", name), FROM]).unwrap().mail.is_some());
        std::fs::write(&file, "sekret").unwrap();
        assert!(problems(&[("ROSTERD_SMTP_URL_FILE", name), FROM]).contains("the URL in it must be"));
    }

    #[test]
    fn q7_texts_are_read_at_the_start() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().to_str().unwrap();
        std::fs::create_dir(folder.path().join("de")).unwrap();
        let write = |file: &str, text: &str| std::fs::write(folder.path().join(file), text).unwrap();
        write("de/test.txt", "Subject: Probe\n\nHallo {{name}}\n");
        write(".gitignore", "");
        assert!(Config::from_variables([SMTP, FROM, ("ROSTERD_MAIL_TEMPLATES", name)]).is_ok());
        write("de/test.txt", "Subject: Probe\n\nHallo\n{{link}}\n");
        let wrong = problems(&[SMTP, FROM, ("ROSTERD_MAIL_TEMPLATES", name)]);
        assert!(wrong.contains("de/test.txt`, line 4: `{{link}}`"), "{wrong}");
        write("de/test.txt", "Subject: Probe\n\nHallo\n");
        write("de/tset.txt", "Subject: Probe\n\nHallo\n");
        let wrong = problems(&[SMTP, FROM, ("ROSTERD_MAIL_TEMPLATES", name)]);
        assert!(wrong.contains("tset.txt") && wrong.contains("de/test.txt"), "{wrong}");
    }
}
