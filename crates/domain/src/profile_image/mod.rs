//! What a profile image's URL means.
//!
//! The column holds whatever a client once stored: a path, the URL of another server, or the picture itself as a data
//! URI. [`read`] decides what is served for it and never trusts it; [`ProfileImageUrl`] is what may be stored from
//! now on. To serve one more type of picture, add it to [`ImageType`] with the bytes it begins with.

mod url;

use std::net::Ipv6Addr;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

pub use url::ProfileImageUrl;

/// Takes base64 as Python's decoder does: padded or not, stray low bits in the last character ignored.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// A type of picture that is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageType {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
}

impl ImageType {
    /// The media type.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
        }
    }

    fn parse(mime: &str) -> Option<Self> {
        [Self::Png, Self::Jpeg, Self::Gif, Self::Webp]
            .into_iter()
            .find(|it| mime.eq_ignore_ascii_case(it.mime()))
    }

    /// Whether `bytes` begin as a picture of this type does. Keeps a page of HTML from being served as a picture.
    fn begins(self, bytes: &[u8]) -> bool {
        match self {
            Self::Png => bytes.starts_with(b"\x89PNG\r\n\x1a\n"),
            Self::Jpeg => bytes.starts_with(b"\xff\xd8\xff"),
            Self::Gif => bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a"),
            Self::Webp => bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP"),
        }
    }
}

/// What to answer for a stored URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileImage<'a> {
    /// The built-in picture (rules I2, I3 and a stored path of rule I4).
    Default,
    /// A redirect to this `http` or `https` URL (rule I4): visible ASCII only, so it can stand in a header.
    Redirect(&'a str),
    /// These bytes as this type (rule I1).
    Inline {
        /// The type, which the bytes agree with.
        mime: ImageType,
        /// The decoded picture.
        bytes: Vec<u8>,
    },
}

/// Decides what a stored URL stands for (rules I1 to I4). Total: whatever is wrong with it, the answer is
/// [`ProfileImage::Default`].
#[must_use]
pub fn read(url: &str) -> ProfileImage<'_> {
    if let Some(data) = strip_prefix_ignoring_case(url, "data:") {
        return inline(data).unwrap_or(ProfileImage::Default);
    }
    if is_http(url) && is_header_safe(url) { ProfileImage::Redirect(url) } else { ProfileImage::Default }
}

/// Reads the part after `data:`.
fn inline(data: &str) -> Option<ProfileImage<'static>> {
    let (header, body) = data.split_once(',')?;
    let (media_type, encoding) = header.rsplit_once(';')?;
    if !encoding.trim().eq_ignore_ascii_case("base64") {
        return None;
    }
    let mime = ImageType::parse(media_type.split(';').next()?.trim())?;
    let bytes = decode(body)?;
    mime.begins(&bytes).then_some(ProfileImage::Inline { mime, bytes })
}

fn decode(body: &str) -> Option<Vec<u8>> {
    if body.bytes().any(|byte| byte.is_ascii_whitespace()) {
        let compact: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        return BASE64.decode(compact).ok();
    }
    BASE64.decode(body).ok()
}

/// Whether this is an `http` or `https` URL with a host, which means that host to everybody: without a user name before
/// it, and without the backslash, which some read as the end of the host.
fn is_http(url: &str) -> bool {
    let rest = ["http://", "https://"].into_iter().find_map(|scheme| strip_prefix_ignoring_case(url, scheme));
    let Some(rest) = rest.filter(|rest| !rest.contains('\\')) else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (is_host, port) =
        if let Some((ip, port)) = authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            (ip.parse::<Ipv6Addr>().is_ok(), port)
        } else {
            let (name, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            (is_host_name(name), port)
        };
    let port_fits = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    is_host && port_fits
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

/// A name or an IPv4 address. Letters of any script: browsers know how to look them up.
fn is_host_name(host: &str) -> bool {
    host.chars().any(char::is_alphanumeric)
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// No line break can be smuggled into the answer's header, and no browser reads the text in another way than we do.
fn is_header_safe(url: &str) -> bool {
    url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD as PADDED, STANDARD_NO_PAD};

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n.";

    fn data(mime: &str, bytes: &[u8]) -> String {
        format!("data:{mime};base64,{}", PADDED.encode(bytes))
    }

    fn inline_type(url: &str) -> Option<ImageType> {
        match read(url) {
            ProfileImage::Inline { mime, .. } => Some(mime),
            ProfileImage::Default => None,
            ProfileImage::Redirect(_) => panic!("{url} redirects"),
        }
    }

    #[test]
    fn i1_pictures_of_the_four_types_are_served_as_such() {
        for (mime, bytes) in [
            (ImageType::Png, PNG),
            (ImageType::Jpeg, b"\xff\xd8\xff\xe0".as_slice()),
            (ImageType::Gif, b"GIF89a.."),
            (ImageType::Gif, b"GIF87a.."),
            (ImageType::Webp, b"RIFF\x04\0\0\0WEBP"),
        ] {
            let expected = ProfileImage::Inline { mime, bytes: bytes.to_vec() };
            assert_eq!(read(&data(mime.mime(), bytes)), expected, "{mime:?}");
        }
    }

    #[test]
    fn i1_bytes_must_begin_as_their_type_does() {
        for bytes in [b"".as_slice(), b"GIF89a", b"<html>", b"\x89PN", b"\xff\xd8\xff"] {
            assert_eq!(inline_type(&data("image/png", bytes)), None, "{bytes:?}");
        }
        assert_eq!(inline_type(&data("image/webp", b"RIFF....WAVE")), None);
        assert_eq!(inline_type(&data("image/webp", b"RIFF")), None);
    }

    #[test]
    fn i1_case_padding_white_space_and_parameters_do_not_matter() {
        let unpadded = STANDARD_NO_PAD.encode(PNG);
        for url in [
            data("IMAGE/PNG", PNG).replace("data:", "DATA:").replace(";base64", ";BASE64"),
            format!("data:image/png;base64,{unpadded}"),
            format!("data:image/png;base64,{}\r\n {}", &unpadded[..5], &unpadded[5..]),
            data("image/png;charset=utf-8", PNG),
        ] {
            assert_eq!(inline_type(&url), Some(ImageType::Png), "{url}");
        }
    }

    #[test]
    fn i2_svg_and_other_types_are_the_default() {
        for mime in ["image/svg+xml", "text/html", "image/jpg", "image/bmp", "image/pngx", ""] {
            assert_eq!(inline_type(&data(mime, PNG)), None, "{mime}");
        }
    }

    #[test]
    fn i3_what_cannot_be_decoded_is_the_default() {
        for url in [
            "data:image/png;base64,@@@not-base64@@@",
            "data:image/png;base64,",
            "data:image/png;base64",
            "data:image/png,iVBORw0KGgo",
            "data:,",
            "data:",
            "data:image/png;base64,iVBORw0KGgo_",
        ] {
            assert_eq!(read(url), ProfileImage::Default, "{url}");
        }
    }

    #[test]
    fn i4_http_urls_redirect() {
        for url in
            ["https://images.example.net/frank.png", "HTTP://x.example/a?b=c#d", "https://[::1]:8080/%20"]
        {
            assert_eq!(read(url), ProfileImage::Redirect(url));
        }
    }

    #[test]
    fn i4_paths_and_everything_else_are_the_default() {
        for url in [
            "",
            "/user.png",
            "user.png",
            "//x.example/a.png",
            "javascript:alert(1)",
            "/api/v1/users/u-1/profile/image",
            "file:///etc/passwd",
            "ftp://x/y",
            "http:/x",
            "https://good.example@evil.example/a.png",
            "https://:@evil.example/",
            "https://user:password@x.example/",
            "https://:80/x.png",
            "https://x.example:port/",
            "https://x.example:99999/",
            "https://x.example:+80/",
            "https://?x",
            "https://#x",
            "https://.",
            "https://[x]/",
            "https://[::1/",
            "https://%2fx/",
            "https://",
            "https:///x",
            "httpsx://y",
            "h",
            "é",
        ] {
            assert_eq!(read(url), ProfileImage::Default, "{url}");
        }
    }

    #[test]
    fn i4_nothing_can_be_smuggled_into_the_header() {
        for url in [
            "https://x.example/\r\nSet-Cookie: a=b",
            "https://x.example/ a",
            "https://x.example/\0",
            "https://x.example\\@evil.example",
            "https://x.example/é",
            " https://x.example/",
        ] {
            assert_eq!(read(url), ProfileImage::Default, "{url:?}");
        }
    }
}
