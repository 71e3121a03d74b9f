//! `[images]`: profile images (rules I1 to I4).

use crate::config::parse;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const FORWARD: Setting = Setting::new(
    "images.forward",
    "ENABLE_PROFILE_IMAGE_URL_FORWARDING",
    &[],
    Kind::Switch,
    "true",
    "A profile image on another server is answered with a redirect; false: with the default image.",
);
const LISTED_BYTES: Setting = Setting::new(
    "images.listed_bytes",
    "ROSTERD_MAX_LISTED_IMAGE_BYTES",
    &[],
    Kind::Bytes,
    "2048",
    "Lists show inline images up to this size, and the URL of the image instead of larger ones; 0: no limit.",
);

/// The section's settings.
pub(in crate::config) const ALL: &[Setting] = &[FORWARD, LISTED_BYTES];

/// Profile images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImagesConfig {
    /// Redirect to images kept elsewhere.
    pub forward: bool,
    /// Longest inline image of a list, in bytes of the data URI; `None`: all as stored.
    pub listed_bytes: Option<i32>,
}

impl ImagesConfig {
    pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let forward = reader.read(&FORWARD, parse::switch);
        let listed_bytes = reader.read(&LISTED_BYTES, parse::bytes_or_all);
        Some(Self { forward: forward?, listed_bytes: listed_bytes? })
    }
}
