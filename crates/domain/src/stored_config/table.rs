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
    /// A second factor is demanded (rule M13). Where this cannot be read it is.
    EnableMfa = Row::switch("ENABLE_MFA", "auth.mfa.enable", false)
        .closed(Literal::Switch(true))
        .newest()
        .configured("accounts.mfa", "A second factor is demanded. Only Open WebUI has one.");
    /// A session that began with OAuth needs no second factor.
    MfaAllowOauthBypass = Row::switch("MFA_ALLOW_OAUTH_BYPASS", "auth.mfa.allow_oauth_bypass", false)
        .newest()
        .configured("accounts.mfa_oauth_bypass", "A session that began with OAuth needs no second factor.");
    /// A session that began with a trusted header needs no second factor.
    MfaAllowTrustedHeaderBypass =
        Row::switch("MFA_ALLOW_TRUSTED_HEADER_BYPASS", "auth.mfa.allow_trusted_header_bypass", false)
            .newest()
            .configured(
                "accounts.mfa_trusted_header_bypass",
                "A session that began with a trusted header needs no second factor.",
            );
    /// Pending users can see the name and e-mail address of an administrator.
    ShowAdminDetails = Row::switch("SHOW_ADMIN_DETAILS", "auth.admin.show", true).required().configured(
        "accounts.show_admin_details",
        "Pending users can see the name and e-mail address of an administrator.",
    );
    /// That e-mail address.
    AdminEmail = Row::new("ADMIN_EMAIL", "auth.admin.email", Kind::OptionalText, Literal::Null)
        .always_in_newest()
        .absent_becomes(Literal::Null)
        .configured("accounts.admin_email", "That e-mail address; empty: the primary admin's.");
    /// Public URL of the front end.
    WebuiUrl = Row::text("WEBUI_URL", "webui.url")
        .required()
        .configured("server.url", "Public URL of the front end.");
    /// Anybody may sign up.
    EnableSignup = Row::switch("ENABLE_SIGNUP", "ui.enable_signup", true)
        .required()
        .configured("accounts.signup", "Anybody may sign up.");
    /// Front ends show the sign-in form. Open WebUI 0.6 spells its place like its variable.
    EnableLoginForm = Row::switch("ENABLE_LOGIN_FORM", "ui.enable_login_form", true)
        .in_document("ui.ENABLE_LOGIN_FORM")
        .always_in_newest()
        .configured("accounts.login_form", "Front ends show the sign-in form.");
    /// API keys may be created and used.
    EnableApiKeys = Row::switch("ENABLE_API_KEYS", "auth.enable_api_keys", false)
        .required()
        .configured_also_by("tokens.api_keys", &["ENABLE_API_KEY"], "API keys may be created and used.");
    /// API keys work for the listed paths only. A restriction is closed when it holds; with the list that is built in it
    /// leaves no path.
    ApiKeyRestrictions =
        Row::switch("ENABLE_API_KEYS_ENDPOINT_RESTRICTIONS", "auth.api_key.endpoint_restrictions", false)
            .closed(Literal::Switch(true))
            .required()
            .configured_also_by(
                "tokens.api_key_restrictions",
                &["ENABLE_API_KEY_ENDPOINT_RESTRICTIONS"],
                "API keys work for the listed paths only.",
            );
    /// Those paths, separated by commas.
    ApiKeyAllowedEndpoints = Row::text("API_KEYS_ALLOWED_ENDPOINTS", "auth.api_key.allowed_endpoints")
        .closed(Literal::Text(""))
        .required()
        .configured_also_by(
            "tokens.api_key_endpoints",
            &["API_KEY_ALLOWED_ENDPOINTS"],
            "Those paths, separated by commas.",
        );
    /// Role of a new account after sign-up.
    DefaultUserRole = Row::new(
        "DEFAULT_USER_ROLE",
        "ui.default_user_role",
        Kind::Role,
        Literal::Text("pending"),
    )
    .required()
    .configured("accounts.default_role", "Role of a new account after sign-up.");
    /// Id of the group that new accounts join; empty: none.
    DefaultGroupId = Row::text("DEFAULT_GROUP_ID", "ui.default_group_id")
        .closed(Literal::Text(""))
        .required()
        .configured("accounts.default_group", "Id of the group that new accounts join.");
    /// Interface settings of whoever has set nothing (rule N6).
    DefaultInterfaceSettings =
        Row::object("DEFAULT_INTERFACE_SETTINGS", "ui.default_interface_settings")
            .newest()
            .absent_becomes(Literal::EmptyObject)
            .configured(
                "ui.default_interface_settings",
                "Interface settings of users who have set nothing, a JSON object.",
            );
    /// Translations of the deployment's own texts (rule M31).
    I18n = Row::new("I18N", "ui.i18n", Kind::Translations, Literal::EmptyObject).newest();
    /// Language of the front end.
    DefaultLocale = Row::text("DEFAULT_LOCALE", "ui.default_locale")
        .on_request()
        .configured("ui.default_locale", "Language of the front end, such as en-US.");
    /// Prompts that are suggested in an empty chat; null: those of the front end.
    PromptSuggestions = Row::new(
        "DEFAULT_PROMPT_SUGGESTIONS",
        "ui.prompt_suggestions",
        Kind::OptionalList,
        Literal::Null,
    )
    .on_request()
    .configured("ui.prompt_suggestions", "Prompts that are suggested in an empty chat, as a JSON array.");
    /// How long a token is valid.
    JwtExpiresIn = Row::new("JWT_EXPIRES_IN", "auth.jwt_expiry", Kind::TokenLife, Literal::Text("4w"))
        .required()
        .configured("tokens.expires_in", "How long a token is valid, such as 30m, 12h, 4w; -1: without end.");
    /// Chats may be shared with the community.
    EnableCommunitySharing = Row::switch("ENABLE_COMMUNITY_SHARING", "ui.enable_community_sharing", true)
        .required()
        .configured("features.community_sharing", "Chats may be shared with the community.");
    /// Answers may be rated.
    EnableMessageRating = Row::switch("ENABLE_MESSAGE_RATING", "ui.enable_message_rating", true)
        .required()
        .configured("features.message_rating", "Answers may be rated.");
    /// There are folders.
    EnableFolders = Row::switch("ENABLE_FOLDERS", "folders.enable", true)
        .required()
        .configured("features.folders", "Open WebUI has folders.");
    /// How many files a folder may have.
    FolderMaxFileCount = Row::count("FOLDER_MAX_FILE_COUNT", "folders.max_file_count")
        .configured("features.folder_max_file_count", "Files a folder may have; empty: any number.");
    /// How many automations a user may have.
    AutomationMaxCount = Row::count("AUTOMATION_MAX_COUNT", "automations.max_count")
        .configured("features.automation_max_count", "Automations a user may have; empty: any number.");
    /// How many seconds lie between two runs of an automation at least.
    AutomationMinInterval = Row::count("AUTOMATION_MIN_INTERVAL", "automations.min_interval")
        .configured("features.automation_min_interval", "Seconds between two runs of an automation at least.");
    /// There are automations.
    EnableAutomations = Row::switch("ENABLE_AUTOMATIONS", "automations.enable", true)
        .newest()
        .required()
        .configured("features.automations", "Open WebUI has automations.");
    /// There are channels.
    EnableChannels = Row::switch("ENABLE_CHANNELS", "channels.enable", false)
        .required()
        .configured("features.channels", "Open WebUI has channels.");
    /// Channels may be encrypted.
    EnableEncryptedChannels = Row::switch("ENABLE_ENCRYPTED_CHANNELS", "channels.encryption.enable", false)
        .newest()
        .configured("features.encrypted_channels", "Channels may be encrypted.");
    /// There are apps.
    EnableApps = Row::switch("ENABLE_APPS", "apps.enable", false)
        .newest()
        .configured("features.apps", "Open WebUI has apps.");
    /// Where a model answers in a channel.
    ChannelModelResponseMode = Row::new(
        "CHANNEL_MODEL_RESPONSE_MODE",
        "channels.model_response_mode",
        Kind::Choice(&["thread", "channel"]),
        Literal::Text("thread"),
    )
    .newest()
    .absent_becomes(Literal::Text("thread"))
    .configured("features.channel_model_response_mode", "Where a model answers in a channel.");
    /// There is a calendar.
    EnableCalendar = Row::switch("ENABLE_CALENDAR", "calendar.enable", true)
        .newest()
        .required()
        .configured("features.calendar", "Open WebUI has a calendar.");
    /// Models remember things about users.
    EnableMemories = Row::switch("ENABLE_MEMORIES", "memories.enable", true)
        .newest()
        .required()
        .configured("features.memories", "Models remember things about users.");
    /// What they remember is part of the system prompt.
    EnableMemorySystemContext =
        Row::switch("ENABLE_MEMORY_SYSTEM_CONTEXT", "memories.system_context.enable", true)
            .newest()
            .required()
            .configured("features.memory_system_context", "What they remember is part of the system prompt.");
    /// Skills are loaded when they are needed.
    EnableSkillLazyLoading = Row::switch("ENABLE_SKILL_LAZY_LOADING", "skills.lazy_loading.enable", false)
        .newest()
        .configured("features.skill_lazy_loading", "Skills are loaded when they are needed.");
    /// How long a skill may be.
    SkillContentMaxChars = Row::limit("SKILL_CONTENT_MAX_CHARS", "skills.content_max_chars")
        .newest()
        .configured("features.skill_content_max_chars", "Characters of a skill that count; empty: all.");
    /// How much of a skill is previewed.
    SkillPreviewMaxChars = Row::limit("SKILL_PREVIEW_MAX_CHARS", "skills.preview_max_chars")
        .newest()
        .configured("features.skill_preview_max_chars", "Characters of a skill's preview; empty: all.");
    /// There are notes.
    EnableNotes = Row::switch("ENABLE_NOTES", "notes.enable", true)
        .required()
        .configured("features.notes", "Open WebUI has notes.");
    /// Users may have webhooks of their own.
    EnableUserWebhooks = Row::switch("ENABLE_USER_WEBHOOKS", "ui.enable_user_webhooks", false)
        .older_default(Literal::Switch(true))
        .required()
        .configured(
            "features.user_webhooks",
            "Users may have webhooks of their own. With Open WebUI 0.6 the default is true.",
        );
    /// Users may set a status (rule N7).
    EnableUserStatus = Row::switch("ENABLE_USER_STATUS", "users.enable_status", true)
        .newest()
        .required()
        .configured("accounts.user_status", "Users may set a status.");
    /// Heading that pending users see.
    PendingUserOverlayTitle =
        Row::optional_text("PENDING_USER_OVERLAY_TITLE", "ui.pending_user_overlay_title")
            .configured("ui.pending_title", "Heading that pending users see.");
    /// Text that pending users see.
    PendingUserOverlayContent =
        Row::optional_text("PENDING_USER_OVERLAY_CONTENT", "ui.pending_user_overlay_content")
            .configured("ui.pending_content", "Text that pending users see.");
    /// Text that is added to copied answers.
    ResponseWatermark = Row::optional_text("RESPONSE_WATERMARK", "ui.watermark")
        .configured("ui.watermark", "Text that is added to copied answers.");

    /// Users may change their password on their account page. From here on `GET /api/config` tells, and no form has it.
    EnablePasswordChangeForm =
        Row::told("ENABLE_PASSWORD_CHANGE_FORM", "ui.enable_password_change_form", true).configured(
            "accounts.password_change_form",
            "Front ends show the form to change the own password.",
        );
    /// Whoever is not signed in is sent to the one OAuth provider.
    OauthAutoRedirect = Row::told("OAUTH_AUTO_REDIRECT", "oauth.auto_redirect", false);
    /// People may sign in by LDAP.
    EnableLdap = Row::told("ENABLE_LDAP", "ldap.enable", false);
    /// Users may add connections to models of their own.
    EnableDirectConnections = Row::told("ENABLE_DIRECT_CONNECTIONS", "direct.enable", false);
    /// Users may add integrations of their own.
    EnableDirectIntegrations =
        Row::told("ENABLE_DIRECT_INTEGRATIONS", "direct.integrations.enable", false);
    /// Servers that give users a terminal.
    TerminalServers = Row::new(
        "TERMINAL_SERVER_CONNECTIONS",
        "terminal_server.connections",
        Kind::List,
        Literal::EmptyList,
    )
    .outside_the_form();
    /// Long chats are shortened for models.
    EnableContextCompaction =
        Row::told("ENABLE_CONTEXT_COMPACTION", "chat.context_compaction.enable", false);
    /// Tools ask before they run.
    EnableToolPermissions = Row::told("ENABLE_TOOL_PERMISSIONS", "chat.tool_permissions.enable", false);
    /// Models may start others.
    EnableSubagents = Row::told("ENABLE_SUBAGENTS", "subagents.enable", false);
    /// Models may search the web. Open WebUI 0.6 keeps it elsewhere.
    EnableWebSearch = Row::told("ENABLE_WEB_SEARCH", "web.search.enable", false)
        .in_document("rag.web.search.enable");
    /// Users are asked before the web is searched.
    EnableWebSearchConfirmation =
        Row::told("ENABLE_WEB_SEARCH_CONFIRMATION", "web.search.confirmation.enable", false);
    /// By this text.
    WebSearchConfirmationContent = Row::new(
        "WEB_SEARCH_CONFIRMATION_CONTENT",
        "web.search.confirmation.content",
        Kind::Text,
        Literal::Text("Your query will be sent to the configured web search provider."),
    )
    .outside_the_form();
    /// Code in answers can be run.
    EnableCodeExecution = Row::told("ENABLE_CODE_EXECUTION", "code_execution.enable", true);
    /// By what.
    CodeExecutionEngine = Row::told_text("CODE_EXECUTION_ENGINE", "code_execution.engine", "pyodide");
    /// Models can run code.
    EnableCodeInterpreter = Row::told("ENABLE_CODE_INTERPRETER", "code_interpreter.enable", true);
    /// By what.
    CodeInterpreterEngine = Row::told_text("CODE_INTERPRETER_ENGINE", "code_interpreter.engine", "pyodide");
    /// Images can be generated.
    EnableImageGeneration = Row::told("ENABLE_IMAGE_GENERATION", "image_generation.enable", false);
    /// Prompts are completed while they are typed.
    EnableAutocompleteGeneration =
        Row::told("ENABLE_AUTOCOMPLETE_GENERATION", "task.autocomplete.enable", false);
    /// Models name chats.
    EnableTitleGeneration = Row::told("ENABLE_TITLE_GENERATION", "task.title.enable", true);
    /// Models suggest what to ask next.
    EnableFollowUpGeneration = Row::told("ENABLE_FOLLOW_UP_GENERATION", "task.follow_up.enable", true);
    /// Models tag chats.
    EnableTagsGeneration = Row::told("ENABLE_TAGS_GENERATION", "task.tags.enable", true);
    /// Files can be taken from Google Drive.
    EnableGoogleDrive = Row::told("ENABLE_GOOGLE_DRIVE_INTEGRATION", "google_drive.enable", false);
    /// Files can be taken from `OneDrive`.
    EnableOnedrive = Row::told("ENABLE_ONEDRIVE_INTEGRATION", "onedrive.enable", false);
    /// Models can be talked to.
    EnableRealtimeAudio = Row::told("AUDIO_REALTIME_ENABLED", "audio.realtime.enabled", false);
    /// With which model.
    RealtimeAudioModel = Row::told_text("AUDIO_REALTIME_MODEL", "audio.realtime.model", "");
    /// With which voice.
    RealtimeAudioVoice = Row::told_text("AUDIO_REALTIME_VOICE", "audio.realtime.voice", "");
    /// What reads texts aloud; empty: the browser.
    TtsEngine = Row::told_text("AUDIO_TTS_ENGINE", "audio.tts.engine", "");
    /// With which voice.
    TtsVoice = Row::told_text("AUDIO_TTS_VOICE", "audio.tts.voice", "alloy");
    /// Where texts are cut for it.
    TtsSplitOn = Row::told_text("AUDIO_TTS_SPLIT_ON", "audio.tts.split_on", "punctuation");
    /// What writes down what is said.
    SttEngine = Row::told_text("AUDIO_STT_ENGINE", "audio.stt.engine", "");
    /// How large a file may be, in mebibytes.
    FileMaxSize = Row::limit("RAG_FILE_MAX_SIZE", "rag.file.max_size").outside_the_form();
    /// How many files a chat may have.
    FileMaxCount = Row::limit("RAG_FILE_MAX_COUNT", "rag.file.max_count").outside_the_form();
    /// How wide an image may be, in pixels.
    ImageCompressionWidth =
        Row::limit("FILE_IMAGE_COMPRESSION_WIDTH", "file.image_compression_width").outside_the_form();
    /// How high an image may be, in pixels.
    ImageCompressionHeight =
        Row::limit("FILE_IMAGE_COMPRESSION_HEIGHT", "file.image_compression_height").outside_the_form();
    /// Models that a new chat begins with, separated by commas.
    DefaultModels = Row::new("DEFAULT_MODELS", "ui.default_models", Kind::OptionalText, Literal::Null)
        .outside_the_form()
        .configured("ui.default_models", "Models that a new chat begins with, separated by commas.");
    /// Models that are pinned for new users, separated by commas.
    DefaultPinnedModels =
        Row::new("DEFAULT_PINNED_MODELS", "ui.default_pinned_models", Kind::OptionalText, Literal::Null)
            .outside_the_form()
            .configured("ui.default_pinned_models", "Models that are pinned for new users, separated by commas.");
    /// Translations of the suggested prompts.
    PromptSuggestionsI18n =
        Row::object("DEFAULT_PROMPT_SUGGESTIONS_I18N", "ui.prompt_suggestions_i18n").outside_the_form();
    /// Which parts of the interface are shown.
    InterfaceVisibility = Row::object("INTERFACE_VISIBILITY", "ui.visibility").outside_the_form();
    /// The template of rights, which has routes of its own: see [`crate::permissions`], also for how each right is
    /// configured.
    UserPermissions = Row::object("USER_PERMISSIONS", "user.permissions").outside_the_form();
    /// Open WebUI 0.6's number of the document. Nobody needs it; reading it shows that the table can be read.
    Version = Row::new("VERSION", "version", Kind::Number, Literal::Number(0)).outside_the_form();
}
