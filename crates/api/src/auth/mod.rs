//! Who is calling (contract, section 2): tokens, API keys, and the caller as an argument type.

pub mod caller;
mod credential;
mod hs256;
mod origin;
pub mod token;

pub use caller::{Access, Admin, Authenticated, Caller, Verified};
pub(crate) use credential::{Carrier, Credential, Hold, demands_second_factor};
pub(crate) use origin::ensure_own_visit;
