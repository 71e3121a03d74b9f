//! What the fuzz targets do with an input, and what must hold whatever it is.
//!
//! A test of the crate `rosterd-app` (`fuzz`) includes this file. It runs all seeds, and changed ones, on a stable
//! compiler, so neither this file nor the seeds can fall behind the code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use rosterd_app::settings::TokenSecret;
use rosterd_app::tokens::Tokens;
use rosterd_domain::list::fold;
use rosterd_domain::rules::settings_rights::SettingsRights;
use rosterd_domain::{
    Cursor, Dialect, DocumentLimits, JsonObject, JsonText, Order, ProfileImage, ProfileImageUrl, SearchText,
    SettingsUpdate, profile_image,
};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::Sha256;

/// The secret of the tokens.
const SECRET: &[u8] = b"a secret that only the fuzz targets have";

/// When the tokens are checked.
const NOW: i64 = 1_800_000_000;

/// What is sent in the place of a token: the input as it stands, and the input as the claims of a token that is signed
/// well.
///
/// # Panics
/// When a token is taken that must not be.
pub fn tokens(data: &[u8]) {
    static TOKENS: LazyLock<Tokens> = LazyLock::new(|| Tokens::new(&TokenSecret::new(SECRET), None));
    let text = String::from_utf8_lossy(data);
    assert!(TOKENS.check(&text, NOW).is_err(), "nobody who does not know the secret makes a good token");
    let signed = sign(data);
    let Ok(session) = TOKENS.check(&signed, NOW) else { return };
    // What is skipped in the claims need not be UTF-8.
    // Only the claims that count are read: another one may hold a number that is too large for a float.
    let claims: BTreeMap<String, &RawValue> = serde_json::from_str(&text).unwrap_or_default();
    let claim = |name: &str| -> Value {
        claims.get(name).and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default()
    };
    assert_eq!(claim("id").as_str(), Some(session.user.as_str()), "whom the token names");
    assert!(!session.user.as_str().is_empty() && !session.user.as_str().contains('\0'));
    // Whole seconds are exact in a float.
    #[expect(clippy::cast_precision_loss, reason = "now is far below 2^53")]
    let now = NOW as f64;
    assert!(claim("exp").as_f64().is_none_or(|end| end > now), "it has ended");
    assert!(claim("nbf").as_f64().is_none_or(|start| start <= now), "it has not begun");
    assert!(claim("iat").as_f64().is_none_or(|issued| issued < now + 1.0), "it was not issued yet");
    assert!(!claims.contains_key("aud"), "it is for somebody else");
    // The second time it is found among the tokens that were checked before.
    assert_eq!(TOKENS.check(&signed, NOW).ok(), Some(session));
}

/// A compact HS256 token with these claims, whatever they are.
fn sign(claims: &[u8]) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims));
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(SECRET) else { panic!("HMAC takes keys of any length") };
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// What is stored as the URL of a profile image, and what is sent to be stored.
///
/// # Panics
/// When something is served that is no picture, or put into a header that does not fit there.
pub fn pictures(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    match profile_image::read(&text) {
        ProfileImage::Default => {}
        ProfileImage::Redirect(to) => {
            assert!(to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'), "{to}");
            assert!(to.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http")), "{to}");
        }
        ProfileImage::Inline { mime, bytes } => {
            let beginnings: &[&[u8]] = &[b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF"];
            assert!(beginnings.iter().any(|begin| bytes.starts_with(begin)), "{mime:?}");
        }
    }
    let Ok(url) = ProfileImageUrl::parse(text.into_owned()) else { return };
    assert_eq!(ProfileImageUrl::parse(url.as_str().to_owned()).as_ref(), Ok(&url));
    let shown_by_browsers = url.as_str().trim_start_matches(|c: char| c.is_control() || c.is_whitespace());
    assert!(!shown_by_browsers.to_ascii_lowercase().starts_with("javascript:"));
    assert!(!shown_by_browsers.starts_with("//"));
}

/// Settings as they are stored and an update of them, parted by a line that is empty.
///
/// # Panics
/// When the result is no object, when merging the same again changes it, or when a right is missed.
pub fn settings(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (stored, sent) = text.split_once("\n\n").unwrap_or(("", &text));
    let stored = (!stored.is_empty()).then(|| JsonText::from_stored(stored.to_owned()));
    let Ok(sent) = serde_json::from_str::<JsonObject>(sent) else { return };
    let none = SettingsRights { tool_servers: false, interface: false, system: false, webhooks: false };
    let limits = DocumentLimits { max_bytes: 1 << 16, max_keys: 100 };
    for dialect in [Dialect::V0_6, Dialect::V0_12] {
        let Ok(update) = SettingsUpdate::parse(sent.clone()) else { return };
        let mut stripped = update.clone();
        stripped.strip(dialect, none);
        for update in [update, stripped.clone()] {
            let Ok(merged) = update.clone().merge_into(stored.as_ref(), dialect, &limits) else { continue };
            assert!(merged.object().is_some(), "{merged:?}");
            let again = update.merge_into(Some(&merged), dialect, &limits);
            assert_eq!(again.as_ref(), Ok(&merged), "{dialect:?}");
        }
        // What may not be stored without a right is what is stored already.
        if let (Dialect::V0_12, Ok(merged)) =
            (dialect, stripped.merge_into(stored.as_ref(), dialect, &limits))
        {
            let kept = |text: Option<&JsonText>| {
                text.map(JsonText::to_value).unwrap_or_default()["ui"]["toolServers"].clone()
            };
            assert_eq!(kept(Some(&merged)), kept(stored.as_ref()));
        }
    }
}

/// The parameters of a list, one a line: `order_by`, `direction`, `cursor`, and what is searched for.
///
/// # Panics
/// When a cursor is not the same after a journey, or a search holds what no database takes.
pub fn lists(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.splitn(4, '\n');
    let mut next = || lines.next().unwrap_or_default();
    let order = Order::parse(Some(next()), Some(next()));
    if let Ok(cursor) = Cursor::decode(next(), &order) {
        assert_eq!(Cursor::decode(&cursor.encode(), &order), Ok(cursor));
    }
    assert_eq!(Order::parse(Some(&order.by.to_string()), Some("asc")).by, order.by);
    if let Some(search) = SearchText::new(next()) {
        assert!(search.chars() > 0 && !search.folded().contains('\0'));
        assert_eq!(fold(search.folded()), search.folded(), "folding twice is folding once");
    }
}
