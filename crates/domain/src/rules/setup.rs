//! When the first account needs the set-up token (rule A3).

/// How a sign-up reaches a server without accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirstSignUp {
    /// The database is a standalone one. Open WebUI has a way of its own to begin.
    pub standalone: bool,
    /// Others can reach the IP that the server listens on: it is not the loopback interface's.
    pub reachable: bool,
    /// A proxy has passed the request on ([`is_forwarding`]).
    pub forwarded: bool,
}

impl FirstSignUp {
    /// Whether it needs the token. On a server that only this machine reaches, whoever can send the request can also read
    /// the log and run commands.
    #[must_use]
    pub const fn needs_token(self) -> bool {
        self.standalone && (self.reachable || self.forwarded)
    }
}

/// Whether a header of this name is one that proxies add. From whom it comes does not matter here: without a proxy nobody
/// has a reason to send one.
#[must_use]
pub fn is_forwarding(header: &str) -> bool {
    const NAMES: [&str; 9] = [
        "forwarded",
        "via",
        "x-real-ip",
        "x-client-ip",
        "x-cluster-client-ip",
        "true-client-ip",
        "cf-connecting-ip",
        "fastly-client-ip",
        "x-original-forwarded-for",
    ];
    let header = header.to_ascii_lowercase();
    header.starts_with("x-forwarded-") || NAMES.contains(&header.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a3_only_a_standalone_server_that_others_can_reach_asks_for_the_token() {
        let here = FirstSignUp { standalone: true, reachable: false, forwarded: false };
        assert!(!here.needs_token());
        assert!(FirstSignUp { reachable: true, ..here }.needs_token());
        assert!(FirstSignUp { forwarded: true, ..here }.needs_token());
        assert!(!FirstSignUp { standalone: false, reachable: true, forwarded: true }.needs_token());
    }

    #[test]
    fn a3_headers_of_proxies_are_known() {
        for name in
            ["Forwarded", "X-Forwarded-For", "x-forwarded-proto", "X-Real-IP", "Via", "CF-Connecting-IP"]
        {
            assert!(is_forwarding(name), "{name}");
        }
        for name in ["host", "x-request-id", "forward", "x-setup-token", "cookie", ""] {
            assert!(!is_forwarding(name), "{name}");
        }
    }
}
