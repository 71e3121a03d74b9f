//! The files of rosterd's console, embedded and compressed beforehand. `rosterd-api` serves them.
//!
//! ```
//! let page = rosterd_console::page("").expect("the page is embedded");
//! assert_eq!(page.content_type, "text/html; charset=utf-8");
//! assert!(rosterd_console::asset("no-such-file.js").is_none());
//! ```

use std::borrow::Cow;
use std::fmt::Write as _;

use rust_embed::RustEmbed;

/// What `npm run build` in `web/` has written.
#[derive(RustEmbed)]
#[folder = "files/"]
struct Files;

/// A file as it is sent.
#[derive(Debug, Clone)]
pub struct File {
    /// Its bytes, compressed with gzip, as every browser takes them.
    pub gzip: Cow<'static, [u8]>,
    /// Its `Content-Type`.
    pub content_type: &'static str,
    /// Its entity tag, in quotes: another one for other bytes.
    pub tag: String,
}

/// The page of the console, for a path with this prefix: empty, or `/rosterd`. `None` for a prefix that no page was made for.
#[must_use]
pub fn page(prefix: &str) -> Option<File> {
    match prefix {
        "" => file("index.html"),
        "/rosterd" => file("index.rosterd.html"),
        _ => None,
    }
}

/// A file that the page names. Its name has a hash of what is in it, so a browser may keep it for good.
#[must_use]
pub fn asset(name: &str) -> Option<File> {
    // Pages have no hash in their names, and are asked for by path.
    if is_page(name) { None } else { file(name) }
}

/// The names of all assets.
pub fn assets() -> impl Iterator<Item = String> {
    let names = Files::iter().filter_map(|name| name.strip_suffix(".gz").map(str::to_owned));
    names.filter(|name| !is_page(name))
}

fn file(name: &str) -> Option<File> {
    let content_type = content_type(name)?;
    let file = Files::get(&format!("{name}.gz"))?;
    let hash = file.metadata.sha256_hash();
    let mut tag = String::from("\"");
    for byte in hash.iter().take(16) {
        // Writing to a text cannot fail.
        let _infallible = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    Some(File { gzip: file.data, content_type, tag })
}

/// The type of a page.
const PAGE: &str = "text/html; charset=utf-8";

fn is_page(name: &str) -> bool {
    content_type(name) == Some(PAGE)
}

/// What a browser is to take a file for; `None` for a kind that the console has none of.
fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "html" => Some(PAGE),
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What all of it may have, compressed.
    const MOST: usize = 150 * 1024;

    #[test]
    fn every_file_can_be_served_and_all_are_small() {
        let mut total = 0;
        for name in Files::iter() {
            let name = name.strip_suffix(".gz").expect("every file is compressed");
            let found = file(name).unwrap_or_else(|| panic!("{name} is of no known kind"));
            assert!(found.gzip.starts_with(&[0x1f, 0x8b]), "{name} is not compressed");
            assert_eq!(found.tag.len(), 34, "{name}: {}", found.tag);
            total += found.gzip.len();
        }
        assert!(total > 1024 && total <= MOST, "{total} bytes");
    }

    #[test]
    fn there_is_a_page_for_each_path_and_for_no_other() {
        let [plain, below] = ["", "/rosterd"].map(|prefix| page(prefix).expect("a page"));
        assert_ne!(plain.tag, below.tag, "they name their files by different paths");
        assert!(page("/elsewhere").is_none());
    }

    #[test]
    fn a_page_is_no_asset_and_an_unknown_name_is_nothing() {
        assert!(asset("index.html").is_none());
        assert!(asset("../Cargo.toml").is_none());
        assert!(asset("nothing.js").is_none());
        assert!(assets().count() >= 2);
        for name in assets() {
            assert!(asset(&name).is_some(), "{name}");
        }
    }
}
