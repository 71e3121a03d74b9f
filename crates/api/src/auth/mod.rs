//! Who is calling (contract, section 2): tokens, API keys, and the caller as an argument type.

pub mod caller;
mod credential;
mod hs256;
pub mod token;

pub use caller::{Access, Admin, Authenticated, Caller, Verified};
pub(crate) use credential::{Credential, Hold, demands_second_factor};
