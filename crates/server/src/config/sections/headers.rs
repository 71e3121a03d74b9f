//! `[headers]`: what every answer says to browsers, by the names of Open WebUI.

use actix_web::http::header::HeaderValue;

use crate::config::parse::Parsed;
use crate::config::reader::Reader;
use crate::config::setting::{Kind, Setting};

const fn header(key: &'static str, variable: &'static str, about: &'static str) -> Setting {
    Setting::new(key, variable, &[], Kind::Text, "", about)
}

/// The headers, each with its setting.
const HEADERS: [(&str, Setting); 14] = [
    (
        "cache-control",
        header(
            "headers.cache_control",
            "CACHE_CONTROL",
            "Cache-Control of answers that have none of their own; those under /auths are never kept.",
        ),
    ),
    (
        "strict-transport-security",
        header("headers.hsts", "HSTS", "Strict-Transport-Security of every answer."),
    ),
    (
        "permissions-policy",
        header("headers.permissions_policy", "PERMISSIONS_POLICY", "Permissions-Policy of every answer."),
    ),
    (
        "referrer-policy",
        header("headers.referrer_policy", "REFERRER_POLICY", "Referrer-Policy of every answer."),
    ),
    (
        "x-content-type-options",
        header(
            "headers.content_type_options",
            "XCONTENT_TYPE",
            "X-Content-Type-Options of every answer; empty: nosniff.",
        ),
    ),
    (
        "x-download-options",
        header("headers.download_options", "XDOWNLOAD_OPTIONS", "X-Download-Options of every answer."),
    ),
    (
        "x-frame-options",
        header(
            "headers.frame_options",
            "XFRAME_OPTIONS",
            "X-Frame-Options of every answer: DENY or SAMEORIGIN; any other text means DENY.",
        ),
    ),
    (
        "x-permitted-cross-domain-policies",
        header(
            "headers.permitted_cross_domain_policies",
            "XPERMITTED_CROSS_DOMAIN_POLICIES",
            "X-Permitted-Cross-Domain-Policies of every answer.",
        ),
    ),
    (
        "content-security-policy",
        header(
            "headers.content_security_policy",
            "CONTENT_SECURITY_POLICY",
            "Content-Security-Policy of every answer.",
        ),
    ),
    (
        "content-security-policy-report-only",
        header(
            "headers.content_security_policy_report_only",
            "CONTENT_SECURITY_POLICY_REPORT_ONLY",
            "Content-Security-Policy-Report-Only of every answer.",
        ),
    ),
    (
        "cross-origin-embedder-policy",
        header(
            "headers.cross_origin_embedder_policy",
            "CROSS_ORIGIN_EMBEDDER_POLICY",
            "Cross-Origin-Embedder-Policy of every answer.",
        ),
    ),
    (
        "cross-origin-opener-policy",
        header(
            "headers.cross_origin_opener_policy",
            "CROSS_ORIGIN_OPENER_POLICY",
            "Cross-Origin-Opener-Policy of every answer.",
        ),
    ),
    (
        "cross-origin-resource-policy",
        header(
            "headers.cross_origin_resource_policy",
            "CROSS_ORIGIN_RESOURCE_POLICY",
            "Cross-Origin-Resource-Policy of every answer.",
        ),
    ),
    (
        "reporting-endpoints",
        header("headers.reporting_endpoints", "REPORTING_ENDPOINTS", "Reporting-Endpoints of every answer."),
    ),
];

const ALLOW_ORIGIN: Setting = header(
    "headers.allow_origin",
    "CORS_ALLOW_ORIGIN",
    "Origins whose pages may read the answers and send the cookie, separated by semicolons, such as https://chat.example.com; *: all, but without the cookie; empty: none.",
);

/// The section's settings.
pub(in crate::config) fn all() -> impl Iterator<Item = Setting> {
    std::iter::once(ALLOW_ORIGIN).chain(HEADERS.into_iter().map(|(_name, setting)| setting))
}

/// The origins that are allowed.
pub(in crate::config) fn read_origins(reader: &mut Reader<'_>) -> Option<Vec<String>> {
    let origins = reader.read_optional(&ALLOW_ORIGIN, |text| {
        text.split(';')
            .map(str::trim)
            .filter(|origin| !origin.is_empty())
            .map(origin)
            .collect::<Parsed<Vec<_>>>()
    })?;
    Some(origins.unwrap_or_default())
}

/// An origin as browsers write it: scheme, host and port, and nothing after these (RFC 6454, 6.2).
fn origin(text: &str) -> Parsed<String> {
    let host = text.split_once("://").map(|(_scheme, host)| host);
    let is_origin = host.is_some_and(|host| {
        !host.is_empty()
            && !host.contains(['/', '?', '#', '@', ' ', '*'])
            && HeaderValue::from_str(text).is_ok()
    });
    if text == "*" || is_origin {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no origin: write scheme and host, such as https://chat.example.com, or *"))
    }
}

/// Names and values of the headers that are set.
pub(in crate::config) fn read(reader: &mut Reader<'_>) -> Option<Vec<(String, String)>> {
    let read = HEADERS.map(|(name, setting)| {
        let value = reader.read_optional(&setting, |text| {
            let value = with_known_frame_option(name, text.trim());
            HeaderValue::from_str(value)
                .map(|_fits| value.to_owned())
                .map_err(|error| format!("`{text}` cannot be the value of a header ({error})"))
        });
        value.map(|value| value.map(|value| (name.to_owned(), value)))
    });
    // All are read before one is missed, so that every problem is told.
    read.into_iter().collect::<Option<Vec<_>>>().map(|headers| headers.into_iter().flatten().collect())
}

/// Open WebUI takes a frame option that it does not know for the strictest.
fn with_known_frame_option<'a>(name: &str, value: &'a str) -> &'a str {
    if name == "x-frame-options" && !["DENY", "SAMEORIGIN"].contains(&value) { "DENY" } else { value }
}
