//! The configuration as the API takes it.

use rosterd_app::settings::{Settings, StoredDefaults, TokenSecret};
use rosterd_domain::document::DocumentLimits;
use rosterd_storage::ListedSizes;

use super::Config;

impl Config {
    /// The API's settings, with the secret that [`SecretSource::resolve`](super::SecretSource::resolve) gave.
    #[must_use]
    pub fn api_settings(&self, secret: TokenSecret) -> Settings {
        Settings {
            name: self.server.name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            body_timeout: self.server.body_timeout,
            body_idle_timeout: self.server.body_idle_timeout,
            max_body_bytes: self.limits.body_bytes,
            max_image_body_bytes: self.limits.image_body_bytes,
            document_limits: DocumentLimits {
                max_bytes: self.limits.document_bytes,
                ..DocumentLimits::default()
            },
            image_redirects: self.images.forward,
            listed_sizes: ListedSizes {
                image: self.images.listed_bytes,
                document: self.limits.listed_document_bytes,
            },
            password_policy: self.passwords.policy.clone(),
            bcrypt_cost: self.passwords.bcrypt_cost,
            hash_threads: self.passwords.hash_threads,
            hash_queue: self.passwords.hash_queue,
            retry_after_seconds: self.limits.retry_after_seconds,
            cookie: self.cookies,
            trusted_proxies: self.proxies.trusted.clone(),
            client_ip_header: self.proxies.client_ip_header.clone(),
            trusted_headers: self.proxies.sign_in.clone(),
            sign_in_limit: self.limits.sign_in,
            activity_flush: self.activity.flush,
            defaults: self.stored_defaults(),
            ..Settings::new(secret)
        }
    }

    /// What holds where the database says nothing.
    pub(crate) fn stored_defaults(&self) -> StoredDefaults {
        StoredDefaults {
            enable_signup: self.accounts.signup,
            enable_login_form: self.accounts.login_form,
            default_locale: self.ui.default_locale.clone(),
            prompt_suggestions: self.ui.prompt_suggestions.clone(),
            default_user_role: self.accounts.default_role.clone(),
            default_group_id: self.accounts.default_group.clone(),
            pending_user_overlay_title: self.ui.pending_title.clone(),
            pending_user_overlay_content: self.ui.pending_content.clone(),
            response_watermark: self.ui.watermark.clone(),
            jwt_expires_in: self.tokens.expires_in.clone(),
            token_life: self.tokens.life,
            enable_api_keys: self.tokens.api_keys,
            show_admin_details: self.accounts.show_admin_details,
            admin_email: self.accounts.admin_email.clone(),
            webui_url: self.server.url.clone(),
            permissions: self.permissions,
        }
    }
}
