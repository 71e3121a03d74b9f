//! What the arguments of a handler say of its endpoint.

use actix_web::{HttpRequest, web};
use rosterd_app::{Access, App};

use super::Operation;

/// An argument of a handler.
pub(crate) trait Argument {
    /// What an account must be; `None` for an argument that does not ask who calls.
    const ACCESS: Option<Access> = None;

    /// Adds what it reads, and how that can fail.
    fn describe(_operation: &mut Operation) {}
}

/// The application, which no request can be without.
impl Argument for web::Data<App> {}

/// The request as such, of which the document knows nothing.
impl Argument for HttpRequest {}

/// All arguments of a handler.
pub(crate) trait Arguments {
    /// What an account must be; `None`: anybody may call.
    const ACCESS: Option<Access>;

    /// Adds what they read.
    fn describe(operation: &mut Operation);
}

macro_rules! arguments {
    ($($argument:ident)*) => {
        impl<$($argument: Argument),*> Arguments for ($($argument,)*) {
            const ACCESS: Option<Access> = {
                let access: Option<Access> = None;
                // The one argument that asks.
                $(let access = match $argument::ACCESS { None => access, some => some };)*
                access
            };

            fn describe(_operation: &mut Operation) {
                $($argument::describe(_operation);)*
            }
        }
    };
}

arguments! {}
arguments! { A }
arguments! { A B }
arguments! { A B C }
arguments! { A B C D }
arguments! { A B C D E }
arguments! { A B C D E F }
