//! `GET /`: where somebody begins who has opened the server's URL. A browser gets the console, or a small page where that is
//! switched off, and a program JSON. With
//! `?setup=…`, the link that is printed at the start, the set-up token is put into a cookie (rule A3).

use actix_web::cookie::Cookie;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use rosterd_app::App;
use serde::Deserialize;
use serde_json::json;

use crate::auths::setup;
use crate::console;

/// The page has no script and loads its one style from this server.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE: &str = include_str!("../assets/start/index.html");

/// What the link has.
#[derive(Deserialize)]
struct Link {
    setup: Option<String>,
}

/// `GET /`
pub(crate) async fn get_start(app: Data<App>, request: HttpRequest) -> HttpResponse {
    // A query that cannot be read is none of ours.
    let link =
        Query::<Link>::from_query(request.query_string()).ok().and_then(|link| link.into_inner().setup);
    if let Some(cookies) = link.and_then(|token| setup::cookies_of_link(&app, &token)) {
        return without_token_in_url(&request, cookies);
    }
    let settings = app.settings();
    let for_people = prefers_html(&accepted(&request));
    if for_people
        && settings.console
        && let Ok(mut page) = console::page(&request)
    {
        page.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
        return page;
    }
    let mut answer = HttpResponse::Ok();
    answer.insert_header((header::VARY, "Accept"));
    if for_people {
        return answer
            .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .content_type("text/html; charset=utf-8")
            .body(PAGE);
    }
    answer.json(json!({
        "name": settings.name,
        "server": "rosterd",
        "version": settings.version,
        "documentation": "/docs/",
        "openapi": "/api/v1/openapi.json",
        "health": "/health/db",
    }))
}

/// Leads to the same page by a URL without the token: that one is kept in the browser's history, and told to nobody.
fn without_token_in_url(request: &HttpRequest, cookies: [Cookie<'static>; 2]) -> HttpResponse {
    let mut answer = HttpResponse::SeeOther();
    for cookie in cookies {
        answer.cookie(cookie);
    }
    answer
        .insert_header((header::LOCATION, request.path()))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}

/// All `Accept` headers as one text. What is not ASCII names no type.
fn accepted(request: &HttpRequest) -> String {
    let lines = request.headers().get_all(header::ACCEPT).filter_map(|line| line.to_str().ok());
    lines.collect::<Vec<_>>().join(",")
}

/// Whether HTML is wanted more than JSON (RFC 9110, 12.5.1). Who names neither, as curl does, is a program.
fn prefers_html(accept: &str) -> bool {
    let weight = |wanted: &str| {
        accept
            .split(',')
            .filter_map(|range| {
                let mut parts = range.split(';').map(str::trim);
                let name = parts.next().filter(|name| name.eq_ignore_ascii_case(wanted))?;
                let quality = parts.find_map(|part| part.strip_prefix("q=")).map(str::parse::<f32>);
                Some((name, quality.unwrap_or(Ok(1.0)).unwrap_or(0.0)))
            })
            .map(|(_, quality)| quality)
            .fold(0.0, f32::max)
    };
    weight("text/html") > weight("application/json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_get_the_page_and_programs_json() {
        for browser in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Text/HTML",
            "application/json;q=0.5, text/html;q=0.9",
        ] {
            assert!(prefers_html(browser), "{browser}");
        }
        for program in
            ["", "*/*", "application/json", "text/html;q=0", "text/html;q=x", "text/html, application/json"]
        {
            assert!(!prefers_html(program), "{program}");
        }
    }
}
