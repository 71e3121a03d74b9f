//! The secrets that sign deliveries: made at random, and sealed before they are stored.
//!
//! The key that seals is made of the token secret, so a copy of the database alone signs nothing. While the token secret is
//! replaced, secrets are opened with the key of the one before, too, and then sealed anew.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use openssl::rand::rand_bytes;
use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use rosterd_domain::clock::UnixSeconds;
use rosterd_domain::ids::WebhookId;
use rosterd_domain::webhook::SealedText;
use secrecy::{ExposeSecret as _, SecretSlice};
use sha2::Sha256;

use crate::error::{AppError, AppResult};
use crate::keyed::derived;
use crate::settings::TokenSecret;

/// How a secret begins, by the Standard Webhooks specification.
const PREFIX: &str = "whsec_";

/// Random bytes of a secret; the specification asks for 24 to 64.
const BYTES: usize = 32;

/// How a sealed secret begins. After it: a nonce, the sealed bytes and the tag of AES-256-GCM, in base64.
const SEALED: &str = "v1:";

const NONCE: usize = 12;
const TAG: usize = 16;

/// A secret that signs deliveries. `Debug` shows nothing of it.
#[derive(Debug, Clone)]
pub struct WebhookSecret(SecretSlice<u8>);

impl WebhookSecret {
    /// A new one.
    ///
    /// # Errors
    /// [`AppError::Internal`] when the system gives no random bytes.
    pub(super) fn random() -> AppResult<Self> {
        Ok(Self(random::<BYTES>()?.to_vec().into()))
    }

    #[cfg(test)]
    fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec().into())
    }

    /// What the receiver verifies with: `whsec_` and base64.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{PREFIX}{}", BASE64_STANDARD.encode(self.0.expose_secret()))
    }

    /// The signature of a message, as it stands in `webhook-signature`.
    ///
    /// # Errors
    /// [`AppError::Internal`] when HMAC refuses the secret, which it never does.
    pub(super) fn sign(&self, id: &str, at: UnixSeconds, payload: &str) -> AppResult<String> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret())
            .map_err(|_why| AppError::Internal("HMAC refused the secret of a webhook"))?;
        let signature = mac.chain_update(format!("{id}.{at}.{payload}")).finalize().into_bytes();
        Ok(format!("v1,{}", BASE64_STANDARD.encode(signature)))
    }
}

/// Seals secrets, each for the webhook that it belongs to.
pub(crate) struct Sealer {
    key: SecretSlice<u8>,
    /// That of the token secret before.
    previous: Option<SecretSlice<u8>>,
}

/// A secret that was opened.
pub(super) struct Opened {
    pub(super) secret: WebhookSecret,
    /// It was sealed with the key of the token secret before.
    pub(super) is_old: bool,
}

impl Sealer {
    /// # Errors
    /// As [`derived`].
    pub(crate) fn new(secret: &TokenSecret, previous: Option<&TokenSecret>) -> std::io::Result<Self> {
        const USE: &str = "rosterd: secrets of webhooks";
        let key = |secret| derived(secret, USE).map(|key| SecretSlice::from(key.to_vec()));
        Ok(Self { key: key(secret)?, previous: previous.map(key).transpose()? })
    }

    /// Whether there may be secrets that are to be sealed anew.
    pub(super) fn is_changing(&self) -> bool {
        self.previous.is_some()
    }

    /// # Errors
    /// [`AppError::Internal`] when OpenSSL fails.
    pub(super) fn seal(&self, secret: &WebhookSecret, of: &WebhookId) -> AppResult<SealedText> {
        let nonce = random::<NONCE>()?;
        let mut tag = [0; TAG];
        let (key, plain) = (self.key.expose_secret(), secret.0.expose_secret());
        let sealed =
            encrypt_aead(Cipher::aes_256_gcm(), key, Some(&nonce), of.as_str().as_bytes(), plain, &mut tag)
                .map_err(|_why| AppError::Internal("OpenSSL could not seal the secret of a webhook"))?;
        let whole = [nonce.as_slice(), &sealed, &tag].concat();
        Ok(SealedText::new(format!("{SEALED}{}", BASE64_STANDARD.encode(whole))))
    }

    /// The secret; `None` where it was sealed with another key, for another webhook, or is no sealed secret.
    pub(super) fn open(&self, sealed: &SealedText, of: &WebhookId) -> Option<Opened> {
        let whole = BASE64_STANDARD.decode(sealed.as_str().strip_prefix(SEALED)?).ok()?;
        let (nonce, rest) = whole.split_at_checked(NONCE)?;
        let (bytes, tag) = rest.split_at_checked(rest.len().checked_sub(TAG)?)?;
        let open = |key: &SecretSlice<u8>| {
            let key = key.expose_secret();
            decrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), of.as_str().as_bytes(), bytes, tag).ok()
        };
        let (plain, is_old) = match open(&self.key) {
            Some(plain) => (plain, false),
            None => (open(self.previous.as_ref()?)?, true),
        };
        Some(Opened { secret: WebhookSecret(plain.into()), is_old })
    }
}

fn random<const N: usize>() -> AppResult<[u8; N]> {
    let mut bytes = [0; N];
    rand_bytes(&mut bytes).map_err(|_why| AppError::Internal("OpenSSL has no random bytes"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> WebhookId {
        WebhookId::from_stored(text.to_owned())
    }

    fn sealer(secret: &str, previous: Option<&str>) -> Sealer {
        Sealer::new(&TokenSecret::new(secret), previous.map(TokenSecret::new).as_ref()).unwrap()
    }

    #[test]
    fn w5_a_signature_is_that_of_the_specification() {
        // The example in the readme of the reference libraries.
        let key = BASE64_STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let secret = WebhookSecret::from_bytes(&key);
        assert_eq!(secret.text(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn w5_no_two_secrets_are_alike_and_none_is_shown() {
        let (one, other) = (WebhookSecret::random().unwrap(), WebhookSecret::random().unwrap());
        assert_ne!(one.text(), other.text());
        assert_eq!(BASE64_STANDARD.decode(&one.text()[PREFIX.len()..]).unwrap().len(), BYTES);
        assert!(!format!("{one:?}").contains(&one.text()[PREFIX.len()..]));
    }

    #[test]
    fn w5_a_secret_opens_with_its_key_for_its_webhook_alone() {
        let secret = WebhookSecret::random().unwrap();
        let ours = sealer("one", None);
        let sealed = ours.seal(&secret, &id("w-1")).unwrap();
        let opened = ours.open(&sealed, &id("w-1")).unwrap();
        assert_eq!((opened.secret.text(), opened.is_old), (secret.text(), false));
        assert!(!sealed.as_str().contains(&secret.text()[PREFIX.len()..]));
        assert_ne!(ours.seal(&secret, &id("w-1")).unwrap(), sealed, "another nonce");
        assert!(ours.open(&sealed, &id("w-2")).is_none());
        assert!(sealer("two", None).open(&sealed, &id("w-1")).is_none());
        let opened = sealer("two", Some("one")).open(&sealed, &id("w-1")).unwrap();
        assert_eq!((opened.secret.text(), opened.is_old), (secret.text(), true));
    }

    #[test]
    fn w5_what_is_altered_or_no_sealed_secret_does_not_open() {
        let ours = sealer("one", None);
        let sealed = ours.seal(&WebhookSecret::random().unwrap(), &id("w")).unwrap();
        let mut whole = BASE64_STANDARD.decode(&sealed.as_str()[SEALED.len()..]).unwrap();
        for place in 0..whole.len() {
            whole[place] ^= 1;
            let altered = format!("{SEALED}{}", BASE64_STANDARD.encode(&whole));
            assert!(ours.open(&SealedText::new(altered), &id("w")).is_none(), "{place}");
            whole[place] ^= 1;
        }
        for other in ["", "v1:", "v1:AAAA", "v2:AAAA", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] {
            assert!(ours.open(&SealedText::new(other.to_owned()), &id("w")).is_none(), "{other}");
        }
    }
}
