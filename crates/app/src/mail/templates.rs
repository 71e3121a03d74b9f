//! The texts of mails: those that are built in, and those that take their place.

use std::collections::HashMap;

use rosterd_domain::mail::{Language, MailKind, Template, TemplateFault};

/// The texts that are built in. A mail to somebody who forgot the password reads like one with a link that an admin made.
macro_rules! built_in {
    ($($kind:ident $name:literal),+ $(,)?) => {
        &[$(
            (MailKind::$kind, Language::En, include_str!(concat!("../../mail/en/", $name))),
            (MailKind::$kind, Language::De, include_str!(concat!("../../mail/de/", $name))),
        )+]
    };
}

const BUILT_IN: &[(MailKind, Language, &str)] = built_in![
    Invite "invite.txt",
    Reset "reset.txt",
    Confirm "confirm.txt",
    PasswordChanged "password_changed.txt",
    PasswordSet "password_set.txt",
    NewSignIn "new_sign_in.txt",
    Test "test.txt",
];

/// The texts of all mails, in all languages.
#[derive(Debug, Clone)]
pub struct Templates(HashMap<(MailKind, Language), Template>);

impl Templates {
    /// The files that can be replaced: the language, which is the name of the folder, the name of the file, and the kind of mail.
    pub fn files() -> impl Iterator<Item = (Language, String, MailKind)> {
        BUILT_IN.iter().map(|(kind, language, _)| (*language, format!("{}.txt", kind.as_str()), *kind))
    }

    /// Puts another text in the place of one.
    ///
    /// # Errors
    /// What is wrong with it, and in which line.
    pub fn replace(&mut self, kind: MailKind, language: Language, text: &str) -> Result<(), TemplateFault> {
        self.0.insert((kind, language), Template::parse(text, kind.values())?);
        Ok(())
    }

    /// The text of such a mail.
    pub(super) fn of(&self, kind: MailKind, language: Language) -> Option<&Template> {
        let kind = if kind == MailKind::Forgot { MailKind::Reset } else { kind };
        self.0.get(&(kind, language))
    }
}

impl Default for Templates {
    /// Those that are built in.
    fn default() -> Self {
        let read = |(kind, language, text): &(MailKind, Language, &str)| {
            // A test reads each of them.
            Some(((*kind, *language), Template::parse(text, kind.values()).ok()?))
        };
        Self(BUILT_IN.iter().filter_map(read).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q7_each_kind_has_a_text_in_each_language() {
        let templates = Templates::default();
        for (kind, language, text) in BUILT_IN {
            if let Err(fault) = Template::parse(text, kind.values()) {
                panic!("{kind:?} {language:?}: line {}: {}", fault.line, fault.problem);
            }
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{kind:?} {language:?}");
        }
        for kind in MailKind::ALL {
            for language in Language::ALL {
                let template = templates.of(kind, language).unwrap();
                let (subject, body) = template.fill(|value| format!("<{value}>"));
                assert!(subject.contains("<server>") && body.contains("<name>"), "{kind:?} {language:?}");
                assert_eq!(body.contains("<link>"), kind.values().contains(&"link"), "{kind:?} {language:?}");
            }
        }
        assert_eq!(Templates::files().count(), BUILT_IN.len());
    }

    #[test]
    fn q7_a_text_takes_the_place_of_one_that_is_built_in() {
        let mut templates = Templates::default();
        templates.replace(MailKind::Test, Language::De, "Subject: Probe\n\nHallo {{name}}\n").unwrap();
        let (subject, _) = templates.of(MailKind::Test, Language::De).unwrap().fill(str::to_owned);
        assert_eq!(subject, "Probe");
        let fault = templates.replace(MailKind::Test, Language::En, "Subject: a\n\n{{link}}\n").unwrap_err();
        assert_eq!(fault.line, 3);
    }
}
