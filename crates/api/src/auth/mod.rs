//! Who is calling: what a request carries, and the caller as an argument type.

pub mod caller;
mod credential;
mod origin;

pub use caller::{Admin, Authenticated, Caller, Right, Verified};
pub(crate) use credential::{Carrier, bearer, credential_of};
pub(crate) use origin::{ensure_own_change, ensure_own_visit};
