//! The settings, one row each, in the order of the administrator's form. To add one: a row here, and a line in
//! docs/CONFIGURATION.md where the server's configuration gives its default.

use super::{Kind, Literal, Row};

macro_rules! settings {
    ($($(#[$doc:meta])* $key:ident = $row:expr;)+) => {
        /// A setting's name in this program; [`Key::row`] has the rest.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Key {
            $($(#[$doc])* $key,)+
        }

        impl Key {
            /// Every setting.
            pub const ALL: &'static [Self] = &[$(Self::$key,)+];

            /// All that is known of the setting.
            #[must_use]
            pub const fn row(self) -> &'static Row {
                match self {
                    $(Self::$key => const { &$row },)+
                }
            }
        }
    };
}

settings! {
    /// Pending users can see the name and e-mail address of an administrator.
    ShowAdminDetails = Row::switch("SHOW_ADMIN_DETAILS", "auth.admin.show", true).configured(
        "accounts.show_admin_details",
        "Pending users can see the name and e-mail address of an administrator.",
    );
    /// That e-mail address.
    AdminEmail = Row::new("ADMIN_EMAIL", "auth.admin.email", Kind::OptionalText, Literal::Null)
        .on_request()
        .configured("accounts.admin_email", "That e-mail address; empty: the primary admin's.");
    /// Public URL of the front end.
    WebuiUrl = Row::text("WEBUI_URL", "webui.url").configured("server.url", "Public URL of the front end.");
    /// Anybody may sign up.
    EnableSignup = Row::switch("ENABLE_SIGNUP", "ui.enable_signup", true)
        .configured("accounts.signup", "Anybody may sign up.");
    /// Front ends show the sign-in form. Open WebUI 0.6 spells its place like its variable.
    EnableLoginForm = Row::switch("ENABLE_LOGIN_FORM", "ui.enable_login_form", true)
        .in_document("ui.ENABLE_LOGIN_FORM")
        .on_request()
        .configured("accounts.login_form", "Front ends show the sign-in form.");
    /// API keys may be created and used.
    EnableApiKeys = Row::switch("ENABLE_API_KEYS", "auth.enable_api_keys", false).configured_also_by(
        "tokens.api_keys",
        &["ENABLE_API_KEY"],
        "API keys may be created and used.",
    );
    /// API keys work for the listed paths only. A restriction is closed when it holds; with the list that is built in it
    /// leaves no path.
    ApiKeyRestrictions =
        Row::switch("ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS", "auth.api_key.endpoint_restrictions", false)
            .closed(Literal::Switch(true));
    /// Those paths, separated by commas.
    ApiKeyAllowedEndpoints = Row::text("API_KEYS_ALLOWED_ENDPOINTS", "auth.api_key.allowed_endpoints")
        .closed(Literal::Text(""));
    /// Role of a new account after sign-up.
    DefaultUserRole = Row::new(
        "DEFAULT_USER_ROLE",
        "ui.default_user_role",
        Kind::Role,
        Literal::Text("pending"),
    )
    .configured("accounts.default_role", "Role of a new account after sign-up.");
    /// Id of the group that new accounts join; empty: none.
    DefaultGroupId = Row::text("DEFAULT_GROUP_ID", "ui.default_group_id")
        .closed(Literal::Text(""))
        .configured("accounts.default_group", "Id of the group that new accounts join.");
    /// Language of the front end.
    DefaultLocale = Row::text("DEFAULT_LOCALE", "ui.default_locale")
        .on_request()
        .configured("ui.default_locale", "Language of the front end, such as en-US.");
    /// Prompts that are suggested in an empty chat.
    PromptSuggestions = Row::new(
        "DEFAULT_PROMPT_SUGGESTIONS",
        "ui.prompt_suggestions",
        Kind::List,
        Literal::EmptyList,
    )
    .on_request()
    .configured("ui.prompt_suggestions", "Prompts that are suggested in an empty chat, as a JSON array.");
    /// How long a token is valid.
    JwtExpiresIn = Row::new("JWT_EXPIRES_IN", "auth.jwt_expiry", Kind::TokenLife, Literal::Text("4w"))
        .configured("tokens.expires_in", "How long a token is valid, such as 30m, 12h, 4w; -1: without end.");
    /// Chats may be shared with the community.
    EnableCommunitySharing = Row::switch("ENABLE_COMMUNITY_SHARING", "ui.enable_community_sharing", true);
    /// Answers may be rated.
    EnableMessageRating = Row::switch("ENABLE_MESSAGE_RATING", "ui.enable_message_rating", true);
    /// There are folders.
    EnableFolders = Row::switch("ENABLE_FOLDERS", "folders.enable", true);
    /// There are channels.
    EnableChannels = Row::switch("ENABLE_CHANNELS", "channels.enable", false);
    /// There are notes.
    EnableNotes = Row::switch("ENABLE_NOTES", "notes.enable", true);
    /// Users may have webhooks of their own.
    EnableUserWebhooks = Row::switch("ENABLE_USER_WEBHOOKS", "ui.enable_user_webhooks", true);
    /// Heading that pending users see.
    PendingUserOverlayTitle = Row::text("PENDING_USER_OVERLAY_TITLE", "ui.pending_user_overlay_title")
        .configured("ui.pending_title", "Heading that pending users see.");
    /// Text that pending users see.
    PendingUserOverlayContent = Row::text("PENDING_USER_OVERLAY_CONTENT", "ui.pending_user_overlay_content")
        .configured("ui.pending_content", "Text that pending users see.");
    /// Text that is added to copied answers.
    ResponseWatermark = Row::text("RESPONSE_WATERMARK", "ui.watermark")
        .configured("ui.watermark", "Text that is added to copied answers.");
    /// A second factor is demanded (rule M13). Where this cannot be read it is.
    EnableMfa = Row::switch("ENABLE_MFA", "auth.mfa.enable", false)
        .closed(Literal::Switch(true))
        .outside_the_form();
    /// A session that began with OAuth needs no second factor.
    MfaAllowOauthBypass =
        Row::switch("MFA_ALLOW_OAUTH_BYPASS", "auth.mfa.allow_oauth_bypass", false).outside_the_form();
    /// A session that began with a trusted header needs no second factor.
    MfaAllowTrustedHeaderBypass =
        Row::switch("MFA_ALLOW_TRUSTED_HEADER_BYPASS", "auth.mfa.allow_trusted_header_bypass", false)
            .outside_the_form();
    /// Users may set a status (rule N7).
    EnableUserStatus = Row::switch("ENABLE_USER_STATUS", "users.enable_status", true)
        .outside_the_form()
        .configured("accounts.user_status", "Users may set a status.");
    /// Interface settings of whoever has set nothing (rule N6).
    DefaultInterfaceSettings = Row::new(
        "DEFAULT_INTERFACE_SETTINGS",
        "ui.default_interface_settings",
        Kind::Object,
        Literal::EmptyObject,
    )
    .outside_the_form()
    .configured("ui.default_interface_settings", "Interface settings of users who have set nothing, a JSON object.");
    /// The template of rights, which has routes of its own: see [`crate::permissions`], also for how each right is
    /// configured.
    UserPermissions =
        Row::new("USER_PERMISSIONS", "user.permissions", Kind::Object, Literal::EmptyObject)
            .outside_the_form();
    /// Open WebUI 0.6's number of the document. Nobody needs it; reading it shows that the table can be read.
    Version = Row::new("VERSION", "version", Kind::Number, Literal::Number(0)).outside_the_form();
}
