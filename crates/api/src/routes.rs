//! The whole URL table. To add an endpoint: a line here, a handler in its resource's module, a row in the access
//! table of the HTTP tests.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, Resource, Responder, Route, guard};
use rosterd_app::App;

use crate::auths::{account, admin as auths_admin, sign_in};
use crate::error::ApiError;
use crate::openapi::page;
use crate::telemetry::Pattern;
use crate::users::{admin, image, lists, lookup, own, permissions};
use crate::{groups, system};

/// What most paths begin with.
const API: &str = "/api/v1";

/// Mounts every endpoint, under `/api/v1` and beside it, and JSON answers for all other paths (rule E3).
///
/// ```no_run
/// # fn mount(app: rosterd_app::App) {
/// let service = actix_web::App::new().configure(rosterd_api::configure(&app));
/// # }
/// ```
pub fn configure(app: &App) -> impl Fn(&mut ServiceConfig) + Clone + use<> {
    let app = app.clone();
    move |service: &mut ServiceConfig| {
        // Called once on each worker: requests of one worker count their handles apart from those of the others.
        let app = web::Data::new(app.apart());
        let api =
            under_api().into_iter().fold(web::scope(API), |scope, line| scope.service(line.resource(API)));
        service.app_data(app).service(api);
        for line in beside_api() {
            service.service(line.resource(""));
        }
        service.default_service(web::to(not_found));
    }
}

/// A method and a path that are answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The method.
    pub method: Method,
    /// The whole path, `{id}` where an id stands.
    pub path: String,
}

/// Every endpoint, in the order of the table; a path that is answered in two spellings is there twice, HEAD, which
/// answers wherever GET does, is left out. For tests and documents that must not forget one.
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    let within = under_api().into_iter().map(|line| (API, line));
    let beside = beside_api().into_iter().map(|line| ("", line));
    within.chain(beside).flat_map(|(prefix, line)| line.endpoints(prefix)).collect()
}

/// The table under [`API`].
fn under_api() -> Vec<Line> {
    let document = vec![line("/openapi.json", [get(page::get_document)])];
    [users(), auths(), groups(), document].into_iter().flatten().collect()
}

fn users() -> Vec<Line> {
    // Literal paths come before `/{id}` and so win over it, whatever the method. A path in two spellings is two lines:
    // each is compared as text, where a line of both would be a regular expression that every other request has to fail.
    vec![
        line("/users", [get(lists::list_users)]),
        line("/users/", [get(lists::list_users)]),
        line("/users/all", [get(lists::list_all_users)]),
        line("/users/search", [get(lists::search_users)]),
        line("/users/groups", [get(own::get_groups)]),
        line("/users/permissions", [get(permissions::get_own)]),
        line("/users/default/permissions", [get(permissions::get_default), post(permissions::set_default)]),
        line("/users/user/settings", [get(own::get_settings)]),
        line("/users/user/settings/update", [post(own::update_settings)]),
        line("/users/user/status", [get(own::get_status)]),
        line("/users/user/status/update", [post(own::update_status)]),
        line("/users/user/info", [get(own::get_info)]),
        line("/users/user/info/update", [post(own::update_info)]),
        line("/users/{id}", [get(lookup::get_user), delete(admin::delete_user)]),
        line("/users/{id}/active", [get(lookup::get_active)]),
        line("/users/{id}/profile/image", [get(image::get_profile_image)]),
        line("/users/{id}/oauth/sessions", [get(lookup::get_oauth_sessions)]),
        line("/users/{id}/groups", [get(lookup::get_groups)]),
        line("/users/{id}/update", [post(admin::update_user)]),
    ]
}

fn auths() -> Vec<Line> {
    vec![
        line("/auths", [get(sign_in::get_session)]),
        line("/auths/", [get(sign_in::get_session)]),
        line("/auths/signup", [post(sign_in::sign_up)]),
        line("/auths/signin", [post(sign_in::sign_in)]),
        line("/auths/signout", [get(sign_in::sign_out)]),
        line("/auths/add", [post(sign_in::add_account)]),
        line("/auths/update/profile", [post(account::update_profile)]),
        line("/auths/update/password", [post(account::update_password)]),
        line(
            "/auths/api_key",
            [get(account::get_api_key), post(account::create_api_key), delete(account::delete_api_key)],
        ),
        line("/auths/admin/details", [get(account::get_admin_details)]),
        line("/auths/admin/config", [get(auths_admin::get_config), post(auths_admin::set_config)]),
    ]
}

fn groups() -> Vec<Line> {
    vec![
        line("/groups", [get(groups::list_groups)]),
        line("/groups/", [get(groups::list_groups)]),
        line("/groups/create", [post(groups::create_group)]),
        line("/groups/id/{id}", [get(groups::get_group)]),
        line("/groups/id/{id}/export", [get(groups::export_group)]),
        line("/groups/id/{id}/users", [post(groups::list_members)]),
        line("/groups/id/{id}/update", [post(groups::update_group)]),
        line("/groups/id/{id}/users/add", [post(groups::add_members)]),
        line("/groups/id/{id}/users/remove", [post(groups::remove_members)]),
        line("/groups/id/{id}/delete", [delete(groups::delete_group)]),
    ]
}

fn beside_api() -> Vec<Line> {
    vec![
        line("/api/config", [get(system::get_config)]),
        line("/api/version", [get(system::get_version)]),
        line("/health", [get(system::get_liveness)]),
        line("/health/db", [get(system::get_readiness)]),
        line("/docs", [get(page::to_page)]),
        line("/docs/{file:.*}", [get(page::get_file)]),
    ]
}

/// A handler and the method it answers.
macro_rules! method {
    ($name:ident, $method:expr, $route:expr) => {
        fn $name<F, Args>(handler: F) -> (Method, Route)
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            ($method, $route.to(handler))
        }
    };
}

method!(get, Method::GET, web::route().guard(guard::Any(guard::Get()).or(guard::Head())));
method!(post, Method::POST, web::post());
method!(delete, Method::DELETE, web::delete());

/// A line of the table: a path, and the methods it answers.
struct Line {
    path: &'static str,
    methods: Vec<(Method, Route)>,
}

fn line<const M: usize>(path: &'static str, methods: [(Method, Route); M]) -> Line {
    Line { path, methods: methods.into() }
}

impl Line {
    /// As actix wants it: every other method is answered 405, with what is allowed.
    fn resource(self, prefix: &str) -> Resource {
        let allowed = self.methods.iter().flat_map(|(method, _)| match *method {
            Method::GET => vec![Method::GET, Method::HEAD],
            _ => vec![method.clone()],
        });
        let allowed: Vec<Method> = allowed.collect();
        let mut resource = web::resource(self.path).app_data(Pattern(format!("{prefix}{}", self.path)));
        for (_, route) in self.methods {
            resource = resource.route(route);
        }
        resource.default_service(web::to(move || {
            let allowed = allowed.clone();
            async move { Err::<&str, _>(ApiError::MethodNotAllowed(allowed)) }
        }))
    }

    fn endpoints(self, prefix: &str) -> Vec<Endpoint> {
        let path = format!("{prefix}{}", self.path);
        let methods = self.methods.into_iter();
        methods.map(|(method, _)| Endpoint { method, path: path.clone() }).collect()
    }
}

async fn not_found(_request: HttpRequest) -> Result<&'static str, ApiError> {
    Err(ApiError::NotFound)
}
