//! The second name of every path.

/// What may stand before every path. Behind a proxy that leaves `/api/v1` with Open WebUI, one line for this leads to all
/// that only rosterd has.
pub(crate) const ALIAS: &str = "/rosterd";

/// The path of the table that a request asks for, by either of its names.
pub(crate) fn plain_path(path: &str) -> &str {
    path.strip_prefix(ALIAS).filter(|rest| rest.starts_with('/')).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_two_names() {
        for (asked, plain) in [
            ("/rosterd/api/v1/users/", "/api/v1/users/"),
            ("/api/v1/users/", "/api/v1/users/"),
            ("/rosterd/health", "/health"),
            ("/rosterd/rosterd/health", "/rosterd/health"),
            ("/rosterd", "/rosterd"),
            ("/rosterdx/api", "/rosterdx/api"),
        ] {
            assert_eq!(plain_path(asked), plain);
        }
    }
}
