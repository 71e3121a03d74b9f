//! How a session began.

use rosterd_domain::session::SessionMethod;

/// How somebody showed who they are when a session began: the claim `auth_method` of tokens, and `method` of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthMethod {
    /// With the account's password. The operator's tokens count as this.
    Password,
    /// With OAuth, at Open WebUI: rosterd itself opens no such session.
    Oauth,
    /// With the header of a trusted proxy.
    TrustedHeader,
}

impl AuthMethod {
    const ALL: [Self; 3] = [Self::Password, Self::Oauth, Self::TrustedHeader];

    /// As tokens and events spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Oauth => "oauth",
            Self::TrustedHeader => "trusted_header",
        }
    }

    /// What a token says of a session that began like this; `None`: nothing, since its owner has shown nothing yet.
    #[must_use]
    pub const fn of(method: SessionMethod) -> Option<Self> {
        match method {
            SessionMethod::Password | SessionMethod::Operator => Some(Self::Password),
            SessionMethod::TrustedHeader => Some(Self::TrustedHeader),
            SessionMethod::Added => None,
        }
    }

    /// The method with this spelling. A newer Open WebUI may have others: `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_is_read_as_it_is_written() {
        for method in AuthMethod::ALL {
            assert_eq!(AuthMethod::parse(method.as_str()), Some(method));
        }
        assert_eq!(AuthMethod::parse("Password"), None);
        assert_eq!(AuthMethod::parse("webauthn"), None);
    }
}
