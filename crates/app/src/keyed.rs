//! Keys for one use each, derived from the token secret.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::settings::TokenSecret;

/// HMAC with a key for this use alone.
///
/// # Errors
/// When HMAC refuses the secret, which it never does.
pub(crate) fn keyed(secret: &TokenSecret, of_use: &str) -> std::io::Result<Hmac<Sha256>> {
    let refused = |_why| std::io::Error::other("HMAC refused the token secret");
    let derive = Hmac::<Sha256>::new_from_slice(secret.expose()).map_err(refused)?;
    let key = derive.chain_update(of_use).finalize().into_bytes();
    Hmac::new_from_slice(&key).map_err(refused)
}
