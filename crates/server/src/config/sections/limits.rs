//! `[limits]`: what one client may ask of the server.

use std::time::Duration;

use rosterd_domain::rules::attempts::SignInLimit;

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const BODY_BYTES: Setting = Setting::new(
    "limits.body_bytes",
    "ROSTERD_MAX_BODY_BYTES",
    &[],
    Kind::Bytes,
    "1MiB",
    "Maximum size of a request body; then 413.",
);
const IMAGE_BODY_BYTES: Setting = Setting::new(
    "limits.image_body_bytes",
    "ROSTERD_MAX_IMAGE_BODY_BYTES",
    &[],
    Kind::Bytes,
    "1536KiB",
    "The same for requests that may contain a profile image.",
);
const DOCUMENT_BYTES: Setting = Setting::new(
    "limits.document_bytes",
    "ROSTERD_MAX_DOCUMENT_BYTES",
    &[],
    Kind::Bytes,
    "4MiB",
    "Maximum size of a user's settings or info after merging; then 413.",
);
const LISTED_DOCUMENT_BYTES: Setting = Setting::new(
    "limits.listed_document_bytes",
    "ROSTERD_MAX_LISTED_DOCUMENT_BYTES",
    &[],
    Kind::Bytes,
    "16KiB",
    "The list for admins shows settings, info and oauth up to this size, and null instead of larger ones; 0: no limit.",
);
const SIGN_IN_PER_EMAIL: Setting = Setting::new(
    "limits.sign_in_per_email",
    "ROSTERD_SIGN_IN_PER_EMAIL",
    &[],
    Kind::Integer,
    "15",
    "Sign-in attempts from one client IP for one e-mail address within the window; then 429.",
);
const SIGN_IN_PER_ACCOUNT: Setting = Setting::new(
    "limits.sign_in_per_account",
    "ROSTERD_SIGN_IN_PER_ACCOUNT",
    &[],
    Kind::Integer,
    "150",
    "Sign-in attempts from all client IPs together for one e-mail address within the window; then 429. Three attempts of each client IP, and browsers in which the owner has signed in before, are exempt.",
);
const SIGN_IN_PER_CLIENT_IP: Setting = Setting::new(
    "limits.sign_in_per_client_ip",
    "ROSTERD_SIGN_IN_PER_CLIENT_IP",
    &[],
    Kind::Integer,
    "150",
    "Sign-in and sign-up attempts from one client IP within the window; then 429. An IPv6 network of 64 bits counts as one.",
);
const SIGN_IN_WINDOW: Setting = Setting::new(
    "limits.sign_in_window",
    "ROSTERD_SIGN_IN_WINDOW",
    &[],
    Kind::Duration,
    "3m",
    "The window of these limits.",
);
const RETRY_AFTER: Setting = Setting::new(
    "limits.retry_after",
    "ROSTERD_RETRY_AFTER",
    &[],
    Kind::Integer,
    "1",
    "Retry-After of a 503, in seconds.",
);

/// Nobody goes without these limits, but for the bench, which measures what they cost.
const FEWEST_ATTEMPTS: u32 = if cfg!(feature = "one-by-one") { 0 } else { 1 };

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[
    BODY_BYTES,
    IMAGE_BODY_BYTES,
    DOCUMENT_BYTES,
    LISTED_DOCUMENT_BYTES,
    SIGN_IN_PER_EMAIL,
    SIGN_IN_PER_ACCOUNT,
    SIGN_IN_PER_CLIENT_IP,
    SIGN_IN_WINDOW,
    RETRY_AFTER,
];

/// What one client may ask of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LimitsConfig {
    /// Largest body, in bytes.
    pub body_bytes: usize,
    /// Largest body with a profile image, in bytes.
    pub image_body_bytes: usize,
    /// Largest settings or info after merging, in bytes.
    pub document_bytes: usize,
    /// Largest document of a list, in bytes; `None`: all as stored.
    pub listed_document_bytes: Option<i32>,
    /// Attempts to sign in.
    pub sign_in: SignInLimit,
    /// `Retry-After` of a 503, in seconds.
    pub retry_after_seconds: u32,
}

impl LimitsConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        // Below a kilobyte not even a sign-in fits; above 256 MiB a handful of clients could fill the memory.
        let size = || parse::bytes(1024..=256 << 20);
        let body_bytes = reader.read(&BODY_BYTES, size());
        let image_body_bytes = reader.read(&IMAGE_BODY_BYTES, size());
        let document_bytes = reader.read(&DOCUMENT_BYTES, parse::bytes(1024..=64 << 20));
        let listed_document_bytes = reader.read(&LISTED_DOCUMENT_BYTES, parse::bytes_or_all);
        let attempts = || parse::number(FEWEST_ATTEMPTS..=1_000_000);
        let per_email = reader.read(&SIGN_IN_PER_EMAIL, attempts());
        let per_account = reader.read(&SIGN_IN_PER_ACCOUNT, attempts());
        let per_client_ip = reader.read(&SIGN_IN_PER_CLIENT_IP, attempts());
        let window = reader.read(&SIGN_IN_WINDOW, |text| match parse::duration(text)? {
            window if window < Duration::from_secs(1) => Err(format!("`{text}` is shorter than a second")),
            window => Ok(window),
        });
        let retry_after_seconds = reader.read(&RETRY_AFTER, parse::number(0..=3600));
        Some(Self {
            body_bytes: body_bytes?,
            image_body_bytes: image_body_bytes?,
            document_bytes: document_bytes?,
            listed_document_bytes: listed_document_bytes?,
            sign_in: SignInLimit {
                per_email: per_email?,
                per_account: per_account?,
                per_client_ip: per_client_ip?,
                window: window?,
            },
            retry_after_seconds: retry_after_seconds?,
        })
    }
}
