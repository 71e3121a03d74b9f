//! The tokens of links: made from the row, and made again when it is needed (rule O1).

use hmac::{Hmac, Mac as _};
use rosterd_domain::ids::{LinkId, UserId};
use rosterd_domain::link::{LinkKind, LinkRow, LinkToken};
use sha2::Sha256;

use crate::keyed::keyed;
use crate::settings::TokenSecret;

/// Makes tokens.
pub(crate) struct LinkTokens {
    key: Hmac<Sha256>,
    /// The key under the secret before this one, for links that were made then.
    previous: Option<Hmac<Sha256>>,
}

impl LinkTokens {
    /// # Errors
    /// As [`keyed`].
    pub(crate) fn new(secret: &TokenSecret, previous: Option<&TokenSecret>) -> std::io::Result<Self> {
        let key = |secret: &TokenSecret| keyed(secret, "rosterd: one-time links");
        Ok(Self { key: key(secret)?, previous: previous.map(key).transpose()? })
    }

    /// The token of a new link.
    pub(crate) fn make(&self, id: &LinkId, kind: LinkKind, user: &UserId) -> LinkToken {
        under(&self.key, id, kind, user)
    }

    /// The token of a link that is stored; `None` where it was made under a secret that is not known any more.
    pub(crate) fn of(&self, link: &LinkRow) -> Option<LinkToken> {
        let under = |key| under(key, &link.id, link.kind, &link.user);
        std::iter::once(&self.key)
            .chain(&self.previous)
            .map(under)
            .find(|token| token.hash() == link.token_hash)
    }
}

fn under(key: &Hmac<Sha256>, id: &LinkId, kind: LinkKind, user: &UserId) -> LinkToken {
    let (kind, id, user) = (kind.as_str(), id.as_str(), user.as_str());
    // Lengths first: no two links read as the same text.
    let bits = key.clone().chain_update(format!("{kind} {} {} {id}{user}", id.len(), user.len()));
    LinkToken::of(bits.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(secret: &str, previous: Option<&str>) -> LinkTokens {
        LinkTokens::new(&TokenSecret::new(secret), previous.map(TokenSecret::new).as_ref()).unwrap()
    }

    fn row(id: &str, kind: LinkKind, user: &str, by: &LinkTokens) -> LinkRow {
        let (id, user) = (LinkId::from_stored(id.to_owned()), UserId::from_stored(user.to_owned()));
        let token_hash = by.make(&id, kind, &user).hash();
        LinkRow {
            id,
            kind,
            user,
            email: String::new(),
            token_hash,
            maker: None,
            created_at: 0,
            expires_at: 0,
        }
    }

    #[test]
    fn o1_a_token_is_made_again_from_its_row_under_this_secret_and_the_one_before() {
        let (old, new) = (tokens("old", None), tokens("new", Some("old")));
        let link = row("l", LinkKind::Reset, "bob", &old);
        let token = old.of(&link).unwrap();
        assert_eq!(token.hash(), link.token_hash);
        assert_eq!(new.of(&link).unwrap().expose(), token.expose());
        assert!(tokens("new", None).of(&link).is_none());
        assert!(tokens("third", Some("new")).of(&link).is_none());
    }

    #[test]
    fn o1_every_link_has_a_token_of_its_own() {
        let tokens = tokens("secret", None);
        let hashes: std::collections::BTreeSet<String> = [
            row("l", LinkKind::Reset, "bob", &tokens),
            row("l", LinkKind::Invite, "bob", &tokens),
            row("lb", LinkKind::Reset, "ob", &tokens),
            row("m", LinkKind::Reset, "bob", &tokens),
        ]
        .into_iter()
        .map(|row| row.token_hash)
        .collect();
        assert_eq!(hashes.len(), 4);
    }
}
