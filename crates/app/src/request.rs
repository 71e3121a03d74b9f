//! What is known about the request that something is done for.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use rosterd_domain::ids::UserId;
use rosterd_domain::mail::Language;
use rosterd_domain::rules::client_ip::counted_as;
use rosterd_domain::rules::notice::SignInOrigin;
use rosterd_domain::session::user_agent;

/// The IP a request comes from, as far as it is known: absent where nobody asked over a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientIp(Option<IpAddr>);

impl ClientIp {
    /// One that was found out.
    #[must_use]
    pub const fn new(ip: Option<IpAddr>) -> Self {
        Self(ip)
    }

    /// The IP itself.
    #[must_use]
    pub fn ip(self) -> Option<IpAddr> {
        self.0
    }

    /// The IP by which the client is counted: an IPv6 network of 64 bits is one client.
    #[must_use]
    pub fn counted(self) -> Option<IpAddr> {
        self.0.map(counted_as)
    }
}

/// What is known of the request that something is done for.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The id that joins it with its log line; absent for the command line and jobs.
    pub id: Option<Arc<str>>,
    /// Whom it comes from.
    pub client_ip: ClientIp,
    /// Its method and route, such as `GET /api/v1/users/`. Only known of calls that only admins may make.
    pub call: Option<Arc<str>>,
    /// What its header `User-Agent` says. Only looked at where a session may begin, and where the owner of an account is
    /// told of the request.
    pub user_agent: Option<Arc<str>>,
    /// The cookie of a [browser that is known](crate::known_browsers). Only looked at by a sign-in.
    pub browser: Option<Arc<str>>,
    /// The language that its header `Accept-Language` asks for. Looked at where `user_agent` is.
    pub language: Option<Language>,
}

impl Request {
    /// Where it comes from, as sessions keep it and notices tell it.
    pub(crate) fn origin(&self) -> SignInOrigin {
        SignInOrigin {
            client_ip: self.client_ip.ip().map(|ip| ip.to_string()),
            user_agent: self.user_agent.as_deref().and_then(user_agent),
        }
    }
}

/// The account that a request turned out to come from, for whoever writes its log line. Empty until it is known.
#[derive(Debug, Clone, Default)]
pub struct KnownUser(Arc<OnceLock<UserId>>);

impl KnownUser {
    /// Notes the account; the first one stays.
    pub fn set(&self, id: &UserId) {
        let _first_wins = self.0.set(id.clone());
    }

    /// The account, if it is known.
    #[must_use]
    pub fn get(&self) -> Option<&UserId> {
        self.0.get()
    }
}
