//! The kinds of mail, and what their texts may name.

/// What a mail is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MailKind {
    /// Somebody is invited, and chooses a password by a link.
    Invite,
    /// An admin made a link by which a new password can be chosen.
    Reset,
    /// An e-mail address is to be confirmed by a link.
    Confirm,
    /// Somebody asked for such a link for this e-mail address. Whether it belongs to an account is looked up when it is sent.
    Forgot,
    /// The owner of the account chose another password.
    PasswordChanged,
    /// Somebody else did.
    PasswordSet,
    /// Somebody signed in from where the account was not used before.
    NewSignIn,
    /// A test, which is sent at once and is in no list.
    Test,
}

/// What every text may name: the recipient's name and e-mail address, and the name of the server.
const OF_ALL: &[&str] = &["name", "email", "server"];

/// What texts with a link may name.
const OF_LINKS: &[&str] = &["name", "email", "server", "link", "expires"];

/// What texts about something that has happened may name.
const OF_NOTICES: &[&str] = &["name", "email", "server", "time", "client_ip", "program"];

impl MailKind {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Invite,
        Self::Reset,
        Self::Confirm,
        Self::Forgot,
        Self::PasswordChanged,
        Self::PasswordSet,
        Self::NewSignIn,
        Self::Test,
    ];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Reset => "reset",
            Self::Confirm => "confirm",
            Self::Forgot => "forgot",
            Self::PasswordChanged => "password_changed",
            Self::PasswordSet => "password_set",
            Self::NewSignIn => "new_sign_in",
            Self::Test => "test",
        }
    }

    /// A kind as it is stored; `None` for one that this version does not know.
    #[must_use]
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Whether it brings a link.
    #[must_use]
    pub const fn has_link(self) -> bool {
        matches!(self, Self::Invite | Self::Reset | Self::Confirm | Self::Forgot)
    }

    /// What its text may name in double braces, such as `{{name}}`.
    #[must_use]
    pub const fn values(self) -> &'static [&'static str] {
        match self {
            Self::Invite | Self::Reset | Self::Confirm | Self::Forgot => OF_LINKS,
            Self::PasswordChanged | Self::NewSignIn => OF_NOTICES,
            // Where an admin was is not the recipient's business.
            Self::PasswordSet => &["name", "email", "server", "time"],
            Self::Test => OF_ALL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_keeps_its_name() {
        for kind in MailKind::ALL {
            assert_eq!(MailKind::from_stored(kind.as_str()), Some(kind));
            assert_eq!(kind.has_link(), kind.values().contains(&"link"));
            assert!(OF_ALL.iter().all(|value| kind.values().contains(value)), "{kind:?}");
        }
        assert_eq!(MailKind::from_stored("newsletter"), None);
    }

    #[test]
    fn q5_nobody_is_told_where_an_admin_was() {
        assert!(!MailKind::PasswordSet.values().contains(&"client_ip"));
        assert!(MailKind::PasswordChanged.values().contains(&"client_ip"));
    }
}
