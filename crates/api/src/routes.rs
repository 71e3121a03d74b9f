//! The whole URL table. To add an endpoint: a line here, a handler in its resource's module, a row in the access
//! table of the HTTP tests.

use actix_web::http::Method;
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, Resource, Responder, Route};

use crate::app::App;
use crate::auths::{account, admin as auths_admin, sign_in};
use crate::error::ApiError;
use crate::users::{admin, image, lists, lookup, own, permissions};
use crate::{groups, system};

/// Mounts every endpoint, under `/api/v1` and beside it, and JSON answers for all other paths (rule E3).
///
/// ```no_run
/// # fn mount(app: rosterd_api::App) {
/// let service = actix_web::App::new().configure(rosterd_api::configure(&app));
/// # }
/// ```
pub fn configure(app: &App) -> impl Fn(&mut ServiceConfig) + Clone + use<> {
    let app = web::Data::new(app.clone());
    move |service: &mut ServiceConfig| {
        service
            .app_data(app.clone())
            .service(
                web::scope("/api/v1").configure(mount_users).configure(mount_auths).configure(mount_groups),
            )
            .service(endpoint(["/api/config"], [get(system::get_config)]))
            .service(endpoint(["/api/version"], [get(system::get_version)]))
            .service(endpoint(["/health"], [get(system::get_liveness)]))
            .service(endpoint(["/health/db"], [get(system::get_readiness)]))
            .default_service(web::to(not_found));
    }
}

fn mount_users(service: &mut ServiceConfig) {
    // Literal paths come before `/{id}` and so win over it, whatever the method.
    service
        .service(endpoint(["/users", "/users/"], [get(lists::list_users)]))
        .service(endpoint(["/users/all"], [get(lists::list_all_users)]))
        .service(endpoint(["/users/search"], [get(lists::search_users)]))
        .service(endpoint(["/users/groups"], [get(own::get_groups)]))
        .service(endpoint(["/users/permissions"], [get(permissions::get_own)]))
        .service(endpoint(
            ["/users/default/permissions"],
            [get(permissions::get_default), post(permissions::set_default)],
        ))
        .service(endpoint(["/users/user/settings"], [get(own::get_settings)]))
        .service(endpoint(["/users/user/settings/update"], [post(own::update_settings)]))
        .service(endpoint(["/users/user/status"], [get(own::get_status)]))
        .service(endpoint(["/users/user/status/update"], [post(own::update_status)]))
        .service(endpoint(["/users/user/info"], [get(own::get_info)]))
        .service(endpoint(["/users/user/info/update"], [post(own::update_info)]))
        .service(endpoint(["/users/{id}"], [get(lookup::get_user), delete(admin::delete_user)]))
        .service(endpoint(["/users/{id}/active"], [get(lookup::get_active)]))
        .service(endpoint(["/users/{id}/profile/image"], [get(image::get_profile_image)]))
        .service(endpoint(["/users/{id}/oauth/sessions"], [get(lookup::get_oauth_sessions)]))
        .service(endpoint(["/users/{id}/groups"], [get(lookup::get_groups)]))
        .service(endpoint(["/users/{id}/update"], [post(admin::update_user)]));
}

fn mount_auths(service: &mut ServiceConfig) {
    service
        .service(endpoint(["/auths", "/auths/"], [get(sign_in::get_session)]))
        .service(endpoint(["/auths/signup"], [post(sign_in::sign_up)]))
        .service(endpoint(["/auths/signin"], [post(sign_in::sign_in)]))
        .service(endpoint(["/auths/signout"], [get(sign_in::sign_out)]))
        .service(endpoint(["/auths/add"], [post(sign_in::add_account)]))
        .service(endpoint(["/auths/update/profile"], [post(account::update_profile)]))
        .service(endpoint(["/auths/update/password"], [post(account::update_password)]))
        .service(endpoint(
            ["/auths/api_key"],
            [get(account::get_api_key), post(account::create_api_key), delete(account::delete_api_key)],
        ))
        .service(endpoint(["/auths/admin/details"], [get(account::get_admin_details)]))
        .service(endpoint(
            ["/auths/admin/config"],
            [get(auths_admin::get_config), post(auths_admin::set_config)],
        ));
}

fn mount_groups(service: &mut ServiceConfig) {
    service
        .service(endpoint(["/groups", "/groups/"], [get(groups::list_groups)]))
        .service(endpoint(["/groups/create"], [post(groups::create_group)]))
        .service(endpoint(["/groups/id/{id}"], [get(groups::get_group)]))
        .service(endpoint(["/groups/id/{id}/export"], [get(groups::export_group)]))
        .service(endpoint(["/groups/id/{id}/users"], [post(groups::list_members)]))
        .service(endpoint(["/groups/id/{id}/update"], [post(groups::update_group)]))
        .service(endpoint(["/groups/id/{id}/users/add"], [post(groups::add_members)]))
        .service(endpoint(["/groups/id/{id}/users/remove"], [post(groups::remove_members)]))
        .service(endpoint(["/groups/id/{id}/delete"], [delete(groups::delete_group)]));
}

/// A handler and the method it answers.
macro_rules! method {
    ($name:ident, $method:expr) => {
        fn $name<F, Args>(handler: F) -> (Method, Route)
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            ($method, web::method($method).to(handler))
        }
    };
}

method!(get, Method::GET);
method!(post, Method::POST);
method!(delete, Method::DELETE);

/// A resource that answers these methods, and every other with 405 and what is allowed.
fn endpoint<const P: usize, const M: usize>(
    paths: [&'static str; P],
    methods: [(Method, Route); M],
) -> Resource {
    let allowed: Vec<Method> = methods.iter().map(|(method, _)| method.clone()).collect();
    let mut resource = web::resource(paths.to_vec());
    for (_, route) in methods {
        resource = resource.route(route);
    }
    resource.default_service(web::to(move || {
        let allowed = allowed.clone();
        async move { Err::<&str, _>(ApiError::MethodNotAllowed(allowed)) }
    }))
}

async fn not_found(_request: HttpRequest) -> Result<&'static str, ApiError> {
    Err(ApiError::NotFound)
}
