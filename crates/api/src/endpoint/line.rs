//! A line of the table.

use std::rc::Rc;

use actix_web::http::Method;
use actix_web::web::{self, Data};
use actix_web::{FromRequest, Handler, Resource, Responder, Route, guard};
use rosterd_app::{Access, App};

#[cfg(feature = "openapi")]
use super::Operation;
use super::{Answer, Arguments, Failure};
use crate::error::ApiError;
use crate::scim;
use crate::telemetry::Pattern;

/// The endpoints of one tag of the document.
pub(crate) struct Section {
    /// The tag.
    pub(crate) tag: &'static str,
    /// What it is about.
    pub(crate) about: &'static str,
    pub(crate) lines: Vec<Line>,
}

/// An endpoint: a method, a path, what answers, and what is said of it.
pub(crate) struct Line {
    pub(crate) method: Method,
    pub(crate) path: &'static str,
    /// A second spelling of the path.
    pub(crate) also: Option<&'static str>,
    pub(crate) access: Option<Access>,
    /// `None` for what is no operation of the document.
    pub(crate) document: Option<Document>,
    route: Rc<dyn Fn() -> Route>,
}

/// What the document says of an operation beyond what the types of its handler say.
pub(crate) struct Document {
    /// The operation's id, which is the name of the function in generated clients.
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    /// What the answer of status 200 holds.
    pub(crate) answer: &'static str,
    /// Empty where summary and answer say all.
    pub(crate) note: &'static str,
    /// The errors that are this operation's own: those of its arguments come by themselves.
    pub(crate) failures: &'static [Failure],
    /// Puts into an operation what arguments and answer know.
    #[cfg(feature = "openapi")]
    pub(crate) signature: fn(&mut Operation),
}

/// `GET` and `HEAD`.
pub(crate) fn get<H, Args>(path: &'static str, id: &'static str, handler: H) -> Line
where
    H: Handler<Args>,
    Args: FromRequest + Arguments + 'static,
    H::Output: Responder + Answer + 'static,
{
    Line::new(Method::GET, path, id, handler)
}

/// `POST`.
pub(crate) fn post<H, Args>(path: &'static str, id: &'static str, handler: H) -> Line
where
    H: Handler<Args>,
    Args: FromRequest + Arguments + 'static,
    H::Output: Responder + Answer + 'static,
{
    Line::new(Method::POST, path, id, handler)
}

/// `DELETE`.
pub(crate) fn delete<H, Args>(path: &'static str, id: &'static str, handler: H) -> Line
where
    H: Handler<Args>,
    Args: FromRequest + Arguments + 'static,
    H::Output: Responder + Answer + 'static,
{
    Line::new(Method::DELETE, path, id, handler)
}

/// `PUT`.
pub(crate) fn put<H, Args>(path: &'static str, id: &'static str, handler: H) -> Line
where
    H: Handler<Args>,
    Args: FromRequest + Arguments + 'static,
    H::Output: Responder + Answer + 'static,
{
    Line::new(Method::PUT, path, id, handler)
}

/// `PATCH`.
pub(crate) fn patch<H, Args>(path: &'static str, id: &'static str, handler: H) -> Line
where
    H: Handler<Args>,
    Args: FromRequest + Arguments + 'static,
    H::Output: Responder + Answer + 'static,
{
    Line::new(Method::PATCH, path, id, handler)
}

/// An endpoint that only refuses, and that the document says nothing of: nobody could do anything with a client for it.
pub(crate) fn refusal<H, Args>(method: Method, path: &'static str, handler: H) -> Line
where
    H: Handler<Args>,
    Args: FromRequest + Arguments + 'static,
    H::Output: Responder + 'static,
{
    let route = route(method.clone(), handler);
    Line { method, path, also: None, access: Args::ACCESS, document: None, route }
}

/// `GET` of a page that the document says nothing of.
pub(crate) fn page<H, Args>(path: &'static str, handler: H) -> Line
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    Line {
        method: Method::GET,
        path,
        also: None,
        access: None,
        document: None,
        route: route(Method::GET, handler),
    }
}

fn route<H, Args>(method: Method, handler: H) -> Rc<dyn Fn() -> Route>
where
    H: Handler<Args>,
    Args: FromRequest + 'static,
    H::Output: Responder + 'static,
{
    Rc::new(move || {
        let route = match method {
            Method::GET => web::route().guard(guard::Any(guard::Get()).or(guard::Head())),
            _ => web::method(method.clone()),
        };
        route.to(handler.clone())
    })
}

impl Line {
    fn new<H, Args>(method: Method, path: &'static str, id: &'static str, handler: H) -> Self
    where
        H: Handler<Args>,
        Args: FromRequest + Arguments + 'static,
        H::Output: Responder + Answer + 'static,
    {
        let document = Document {
            id,
            summary: "",
            answer: "",
            note: "",
            failures: &[],
            #[cfg(feature = "openapi")]
            signature: |operation| {
                Args::describe(operation);
                H::Output::describe(operation);
            },
        };
        Self {
            route: route(method.clone(), handler),
            method,
            path,
            also: None,
            access: Args::ACCESS,
            document: Some(document),
        }
    }

    /// A second spelling of the path, which the document mentions and does not list.
    pub(crate) fn also(mut self, path: &'static str) -> Self {
        self.also = Some(path);
        self
    }

    /// What the operation is for, and what the answer of status 200 holds.
    pub(crate) fn doc(self, summary: &'static str, answer: &'static str) -> Self {
        self.with(|document| Document { summary, answer, ..document })
    }

    /// What else there is to know.
    pub(crate) fn note(self, note: &'static str) -> Self {
        self.with(|document| Document { note, ..document })
    }

    /// The errors that are this operation's own.
    pub(crate) fn fails(self, failures: &'static [Failure]) -> Self {
        self.with(|document| Document { failures, ..document })
    }

    fn with(mut self, change: impl FnOnce(Document) -> Document) -> Self {
        self.document = self.document.map(change);
        self
    }

    /// The path in its spellings.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.path).chain(self.also)
    }
}

/// The lines of a path.
fn at<'a>(lines: &'a [Line], path: &'static str) -> impl Iterator<Item = &'a Line> {
    lines.iter().filter(move |line| line.paths().any(|of_line| of_line == path))
}

/// The methods that a path answers.
pub(crate) fn methods(lines: &[Line], path: &'static str) -> Vec<Method> {
    let with_head = |line: &Line| {
        let head = (line.method == Method::GET).then_some(Method::HEAD);
        std::iter::once(line.method.clone()).chain(head)
    };
    at(lines, path).flat_map(with_head).collect()
}

/// All that answers at a path, as actix wants it: every other method is answered 405, with what is allowed.
///
/// A path in two spellings is two resources: each is compared as text, where one of both would be a regular expression
/// that every other request has to fail.
pub(crate) fn resource(lines: &[Line], pattern: &Pattern, below_scope: &str) -> Resource {
    let mut resource = web::resource(below_scope).app_data(pattern.clone());
    for line in at(lines, pattern.path) {
        resource = resource.route((line.route)());
    }
    let allowed = methods(lines, pattern.path);
    if scim::is_of_scim(pattern.path) {
        return resource.default_service(web::to(move |app: Data<App>, provider: scim::Provider| {
            scim::refuse_method(app, provider, allowed.clone())
        }));
    }
    resource.default_service(web::to(move || {
        let allowed = allowed.clone();
        async move { Err::<&str, _>(ApiError::MethodNotAllowed(allowed)) }
    }))
}
