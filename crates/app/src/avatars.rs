//! Profile images.

use std::sync::Arc;

use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use rosterd_domain::profile_image::{self, ProfileImage};
use sha2::{Digest, Sha256};

use crate::versions;

/// Bytes of decoded images kept at most.
const KEPT_BYTES: u64 = 8 * 1024 * 1024;

/// How many images that may be, roughly.
const KEPT_IMAGES: usize = 1024;

/// An image ready to be sent.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its media type.
    pub mime: &'static str,
    /// The image itself.
    pub bytes: Bytes,
    /// Its entity tag.
    pub tag: Arc<str>,
}

impl Image {
    /// For these bytes.
    #[must_use]
    pub fn new(mime: &'static str, bytes: Bytes) -> Self {
        Self { mime, tag: versions::of(&bytes).into(), bytes }
    }
}

/// What a stored URL or data URI leads to.
#[derive(Debug, Clone)]
pub enum StoredPicture<'a> {
    /// These bytes.
    Inline(Image),
    /// Another URL.
    Redirect(&'a str),
    /// The built-in image.
    Default,
}

/// Inline images, decoded once each and found again by the hash of what is stored: a changed image has another hash,
/// so nothing here can go stale.
pub struct Avatars(Cache<[u8; 32], Image, Bytewise>);

#[derive(Clone)]
struct Bytewise;

impl Weighter<[u8; 32], Image> for Bytewise {
    fn weight(&self, _hash: &[u8; 32], image: &Image) -> u64 {
        image.bytes.len() as u64 + 128
    }
}

impl Default for Avatars {
    fn default() -> Self {
        Self(Cache::with_weighter(KEPT_IMAGES, KEPT_BYTES, Bytewise))
    }
}

impl Avatars {
    /// Reads what is stored (rules I1 to I4).
    #[must_use]
    pub fn read<'a>(&self, stored: &'a str) -> StoredPicture<'a> {
        if !stored.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:")) {
            return decode(stored);
        }
        let hash = Sha256::digest(stored.as_bytes()).into();
        if let Some(image) = self.0.get(&hash) {
            return StoredPicture::Inline(image);
        }
        let picture = decode(stored);
        if let StoredPicture::Inline(image) = &picture {
            self.0.insert(hash, image.clone());
        }
        picture
    }
}

fn decode(stored: &str) -> StoredPicture<'_> {
    match profile_image::read(stored) {
        ProfileImage::Redirect(url) => StoredPicture::Redirect(url),
        ProfileImage::Inline { mime, bytes } => StoredPicture::Inline(Image::new(mime.mime(), bytes.into())),
        ProfileImage::Default => StoredPicture::Default,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &str = "data:image/png;base64,iVBORw0KGgo=";

    #[test]
    fn i1_an_image_is_the_same_decoded_or_remembered() {
        let avatars = Avatars::default();
        let (StoredPicture::Inline(first), StoredPicture::Inline(second)) =
            (avatars.read(PNG), avatars.read(PNG))
        else {
            panic!("an inline image is wanted")
        };
        assert_eq!((first.mime, &first.bytes, &first.tag), (second.mime, &second.bytes, &second.tag));
        // The same memory: it was decoded once.
        assert_eq!(first.bytes.as_ptr(), second.bytes.as_ptr());
    }
}
