//! The configuration as the API takes it.

use rosterd_app::settings::{Settings, TokenSecret};
use rosterd_domain::document::DocumentLimits;
use rosterd_storage::ListedSizes;

use super::Config;

impl Config {
    /// The API's settings, with the secret that [`SecretSource::resolve`](super::SecretSource::resolve) gave, and the one
    /// before, where there is one.
    #[must_use]
    pub fn api_settings(&self, secret: TokenSecret, previous_secret: Option<TokenSecret>) -> Settings {
        Settings {
            previous_secret,
            name: self.server.name.clone(),
            front_end: self.features.clone(),
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
            new_group_share: self.new_group_share,
            listed_sizes: ListedSizes {
                image: self.images.listed_bytes,
                document: self.limits.listed_document_bytes,
            },
            password_policy: self.passwords.policy.clone(),
            hash_algorithm: self.passwords.algorithm,
            bcrypt_cost: self.passwords.bcrypt_cost,
            hash_threads: self.passwords.hash_threads,
            hash_queue: self.passwords.hash_queue,
            retry_after_seconds: self.limits.retry_after_seconds,
            cookie: self.cookies.clone(),
            allowed_origins: self.allowed_origins.clone(),
            response_headers: self.headers.clone(),
            trusted_proxies: self.proxies.trusted.clone(),
            client_ip_header: self.proxies.client_ip_header.clone(),
            api_key_header: self.tokens.api_key_header.clone(),
            api_key_lives: self.tokens.api_key_lives,
            password_sign_in: self.tokens.password_sign_in,
            initial_admin_sign_up: self.tokens.initial_admin_sign_up,
            setup: self.tokens.setup.clone(),
            public_url: self.server.public_url.clone(),
            sign_out_redirect_url: self.tokens.sign_out_redirect_url.clone(),
            trusted_headers: self.proxies.sign_in.clone(),
            sign_in_limit: self.limits.sign_in,
            activity_flush: self.activity.flush,
            console: self.server.console,
            metrics: self.metrics.page.clone(),
            deleted_retention: self.deleted_retention,
            audit: self.audit.clone(),
            webhooks: self.webhooks.clone(),
            mail: self.mail.clone(),
            confirm_email: self.confirm_email,
            backups: self.backups.as_ref().map(|backups| backups.of(&self.database)),
            defaults: self.stored.clone(),
            ..Settings::new(secret)
        }
    }
}
