//! The URL by which people reach the server from outside: what links begin with.

use url::Url;

/// An absolute http or https URL without credentials, query and fragment. Its path, if any, stands before every other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|why| format!("is no absolute URL ({why})"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("must begin with https:// or http://".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must not hold a user name or a password".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("must end after the path, without ? and #".to_owned());
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }

    /// The URL, without a slash at its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o5_links_begin_with_a_url_that_browsers_open() {
        for (text, read) in [
            ("https://chat.example.com", "https://chat.example.com"),
            (" https://Chat.example.com/ ", "https://chat.example.com"),
            ("http://localhost:8080", "http://localhost:8080"),
            ("https://example.com/rosterd/", "https://example.com/rosterd"),
        ] {
            assert_eq!(PublicUrl::parse(text).unwrap().as_str(), read);
        }
        for (text, why) in [
            ("chat.example.com", "no absolute URL"),
            ("/console", "no absolute URL"),
            ("", "no absolute URL"),
            ("ftp://example.com", "https://"),
            ("javascript:alert(1)", "https://"),
            ("https://ada:secret@example.com", "password"),
            ("https://example.com/?a=b", "without ?"),
            ("https://example.com/#x", "without ?"),
        ] {
            let told = PublicUrl::parse(text).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }
}
