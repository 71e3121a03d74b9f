//! Keys for one use each, derived from the token secret.

use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::settings::TokenSecret;

/// HMAC with a key for this use alone.
///
/// # Errors
/// When HMAC refuses the secret, which it never does.
pub(crate) fn keyed(secret: &TokenSecret, of_use: &str) -> std::io::Result<Hmac<Sha256>> {
    Hmac::new_from_slice(&derived(secret, of_use)?).map_err(refused)
}

/// A key of 32 bytes for this use alone.
///
/// # Errors
/// As [`keyed`].
pub(crate) fn derived(secret: &TokenSecret, of_use: &str) -> std::io::Result<[u8; 32]> {
    let derive = Hmac::<Sha256>::new_from_slice(secret.expose()).map_err(refused)?;
    Ok(derive.chain_update(of_use).finalize().into_bytes().into())
}

fn refused(_why: InvalidLength) -> std::io::Error {
    std::io::Error::other("HMAC refused the token secret")
}
