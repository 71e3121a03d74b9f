//! The table of rights, one row each, as recorded from Open WebUI 0.12.4 and 0.6.43: key, variable, meaning. A row says also
//! where 0.6 does not know the right, or gives it another value where an admin leaves it out ([`Right::left_out`]). The
//! names of the variables follow no one pattern, so they stand here in full.

use super::right::{Right, Section};
use crate::dialect::Dialect;

/// All rights of all versions, in the order in which Open WebUI 0.6 shows them; those that are newer, where 0.12 has them.
pub(super) static TABLE: [Section; 6] = [
    Section {
        name: "workspace",
        schema: "WorkspacePermissions",
        about: "What a user may open, bring in and take out in the workspace.",
        rights: &[
            Right::withheld("models", "USER_PERMISSIONS_WORKSPACE_MODELS_ACCESS", "Open the models."),
            Right::withheld(
                "knowledge",
                "USER_PERMISSIONS_WORKSPACE_KNOWLEDGE_ACCESS",
                "Open the knowledge bases.",
            ),
            Right::withheld("prompts", "USER_PERMISSIONS_WORKSPACE_PROMPTS_ACCESS", "Open the prompts."),
            Right::withheld(
                "tools",
                "USER_PERMISSIONS_WORKSPACE_TOOLS_ACCESS",
                "Open the tools, which run code on the server.",
            ),
            Right::withheld("skills", "USER_PERMISSIONS_WORKSPACE_SKILLS_ACCESS", "Open the skills.")
                .since(Dialect::V0_12),
            Right::withheld(
                "models_import",
                "USER_PERMISSIONS_WORKSPACE_MODELS_IMPORT",
                "Bring models in from a file.",
            ),
            Right::withheld(
                "models_export",
                "USER_PERMISSIONS_WORKSPACE_MODELS_EXPORT",
                "Take models out to a file.",
            ),
            Right::withheld(
                "models_hidden",
                "USER_PERMISSIONS_WORKSPACE_MODELS_HIDDEN",
                "Hide models from lists.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "prompts_import",
                "USER_PERMISSIONS_WORKSPACE_PROMPTS_IMPORT",
                "Bring prompts in from a file.",
            ),
            Right::withheld(
                "prompts_export",
                "USER_PERMISSIONS_WORKSPACE_PROMPTS_EXPORT",
                "Take prompts out to a file.",
            ),
            Right::withheld(
                "tools_import",
                "USER_PERMISSIONS_WORKSPACE_TOOLS_IMPORT",
                "Bring tools in from a file.",
            ),
            Right::withheld(
                "tools_export",
                "USER_PERMISSIONS_WORKSPACE_TOOLS_EXPORT",
                "Take tools out to a file.",
            ),
            Right::withheld(
                "skills_import",
                "USER_PERMISSIONS_WORKSPACE_SKILLS_IMPORT",
                "Bring skills in from a file.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "skills_export",
                "USER_PERMISSIONS_WORKSPACE_SKILLS_EXPORT",
                "Take skills out to a file.",
            )
            .since(Dialect::V0_12),
        ],
    },
    Section {
        name: "sharing",
        schema: "SharingPermissions",
        about: "What a user may share, with chosen others or with everybody (`public_…`).",
        rights: &[
            Right::withheld(
                "models",
                "USER_PERMISSIONS_WORKSPACE_MODELS_ALLOW_SHARING",
                "Share models with chosen others.",
            ),
            Right::withheld(
                "public_models",
                "USER_PERMISSIONS_WORKSPACE_MODELS_ALLOW_PUBLIC_SHARING",
                "Share models with everybody.",
            ),
            Right::withheld(
                "knowledge",
                "USER_PERMISSIONS_WORKSPACE_KNOWLEDGE_ALLOW_SHARING",
                "Share knowledge bases with chosen others.",
            ),
            Right::withheld(
                "public_knowledge",
                "USER_PERMISSIONS_WORKSPACE_KNOWLEDGE_ALLOW_PUBLIC_SHARING",
                "Share knowledge bases with everybody.",
            ),
            Right::withheld(
                "prompts",
                "USER_PERMISSIONS_WORKSPACE_PROMPTS_ALLOW_SHARING",
                "Share prompts with chosen others.",
            ),
            Right::withheld(
                "public_prompts",
                "USER_PERMISSIONS_WORKSPACE_PROMPTS_ALLOW_PUBLIC_SHARING",
                "Share prompts with everybody.",
            ),
            Right::withheld(
                "tools",
                "USER_PERMISSIONS_WORKSPACE_TOOLS_ALLOW_SHARING",
                "Share tools with chosen others.",
            ),
            Right::withheld(
                "public_tools",
                "USER_PERMISSIONS_WORKSPACE_TOOLS_ALLOW_PUBLIC_SHARING",
                "Share tools with everybody.",
            )
            .left_out_0_6(true),
            Right::withheld(
                "skills",
                "USER_PERMISSIONS_WORKSPACE_SKILLS_ALLOW_SHARING",
                "Share skills with chosen others.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "public_skills",
                "USER_PERMISSIONS_WORKSPACE_SKILLS_ALLOW_PUBLIC_SHARING",
                "Share skills with everybody.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "notes",
                "USER_PERMISSIONS_NOTES_ALLOW_SHARING",
                "Share notes with chosen others.",
            ),
            Right::withheld(
                "public_notes",
                "USER_PERMISSIONS_NOTES_ALLOW_PUBLIC_SHARING",
                "Share notes with everybody.",
            )
            .left_out_0_6(true),
            Right::withheld(
                "folders",
                "USER_PERMISSIONS_FOLDERS_ALLOW_SHARING",
                "Share folders with chosen others.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "public_chats",
                "USER_PERMISSIONS_CHAT_ALLOW_PUBLIC_SHARING",
                "Share chats with everybody who is signed in.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "open_chats",
                "USER_PERMISSIONS_CHAT_ALLOW_OPEN_SHARING",
                "Share chats with anybody, signed in or not.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "public_calendars",
                "USER_PERMISSIONS_CALENDAR_ALLOW_PUBLIC_SHARING",
                "Share calendars with everybody.",
            )
            .since(Dialect::V0_12),
        ],
    },
    Section {
        name: "access_grants",
        schema: "AccessGrantsPermissions",
        about: "To whom a user may give access to what is the user's own.",
        rights: &[
            Right::given(
                "allow_users",
                "USER_PERMISSIONS_ACCESS_GRANTS_ALLOW_USERS",
                "Give access to single users.",
            )
            .since(Dialect::V0_12),
            Right::given(
                "allow_groups",
                "USER_PERMISSIONS_ACCESS_GRANTS_ALLOW_GROUPS",
                "Give access to groups.",
            )
            .since(Dialect::V0_12),
        ],
    },
    Section {
        name: "chat",
        schema: "ChatPermissions",
        about: "What a user may do in a chat.",
        rights: &[
            Right::given("controls", "USER_PERMISSIONS_CHAT_CONTROLS", "Open the chat controls."),
            Right::given("valves", "USER_PERMISSIONS_CHAT_VALVES", "Set the valves of functions."),
            Right::given("system_prompt", "USER_PERMISSIONS_CHAT_SYSTEM_PROMPT", "Set a system prompt."),
            Right::given("params", "USER_PERMISSIONS_CHAT_PARAMS", "Set model parameters."),
            Right::given("file_upload", "USER_PERMISSIONS_CHAT_FILE_UPLOAD", "Attach files."),
            Right::given("web_upload", "USER_PERMISSIONS_CHAT_WEB_UPLOAD", "Attach pages of the web.")
                .since(Dialect::V0_12),
            Right::given("delete", "USER_PERMISSIONS_CHAT_DELETE", "Delete chats."),
            Right::given("delete_message", "USER_PERMISSIONS_CHAT_DELETE_MESSAGE", "Delete single messages."),
            Right::given(
                "continue_response",
                "USER_PERMISSIONS_CHAT_CONTINUE_RESPONSE",
                "Let a response go on.",
            ),
            Right::given(
                "regenerate_response",
                "USER_PERMISSIONS_CHAT_REGENERATE_RESPONSE",
                "Have a response made anew.",
            ),
            Right::given("rate_response", "USER_PERMISSIONS_CHAT_RATE_RESPONSE", "Rate responses."),
            Right::given("edit", "USER_PERMISSIONS_CHAT_EDIT", "Edit messages."),
            Right::given("share", "USER_PERMISSIONS_CHAT_SHARE", "Share chats."),
            Right::given("export", "USER_PERMISSIONS_CHAT_EXPORT", "Take chats out to a file."),
            Right::given("import", "USER_PERMISSIONS_CHAT_IMPORT", "Bring chats in from a file.")
                .since(Dialect::V0_12),
            Right::given("stt", "USER_PERMISSIONS_CHAT_STT", "Speak instead of typing."),
            Right::given("tts", "USER_PERMISSIONS_CHAT_TTS", "Have responses read out."),
            Right::given("call", "USER_PERMISSIONS_CHAT_CALL", "Talk in a voice call."),
            Right::given(
                "multiple_models",
                "USER_PERMISSIONS_CHAT_MULTIPLE_MODELS",
                "Ask several models at once.",
            ),
            Right::given("temporary", "USER_PERMISSIONS_CHAT_TEMPORARY", "Use temporary chats."),
            Right::withheld(
                "temporary_enforced",
                "USER_PERMISSIONS_CHAT_TEMPORARY_ENFORCED",
                "Use *only* temporary chats: a restriction, yet it adds up like a right.",
            ),
        ],
    },
    Section {
        name: "features",
        schema: "FeaturesPermissions",
        about: "Which features a user may use.",
        rights: &[
            Right::withheld("api_keys", "USER_PERMISSIONS_FEATURES_API_KEYS", "Make and use API keys."),
            Right::given("notes", "USER_PERMISSIONS_FEATURES_NOTES", "Use notes."),
            Right::given("channels", "USER_PERMISSIONS_FEATURES_CHANNELS", "Use channels."),
            Right::given("folders", "USER_PERMISSIONS_FEATURES_FOLDERS", "Use folders."),
            Right::withheld(
                "encrypted_channels",
                "USER_PERMISSIONS_FEATURES_ENCRYPTED_CHANNELS",
                "Use encrypted channels.",
            )
            .since(Dialect::V0_12),
            Right::withheld(
                "direct_tool_servers",
                "USER_PERMISSIONS_FEATURES_DIRECT_TOOL_SERVERS",
                "Connect own tool servers (rule N4).",
            ),
            Right::given("web_search", "USER_PERMISSIONS_FEATURES_WEB_SEARCH", "Search the web."),
            Right::given(
                "image_generation",
                "USER_PERMISSIONS_FEATURES_IMAGE_GENERATION",
                "Generate images.",
            ),
            Right::given("code_interpreter", "USER_PERMISSIONS_FEATURES_CODE_INTERPRETER", "Run code."),
            Right::given(
                "memories",
                "USER_PERMISSIONS_FEATURES_MEMORIES",
                "Have things remembered between chats.",
            )
            .since(Dialect::V0_12),
            Right::withheld("automations", "USER_PERMISSIONS_FEATURES_AUTOMATIONS", "Use automations.")
                .since(Dialect::V0_12),
            Right::given("calendar", "USER_PERMISSIONS_FEATURES_CALENDAR", "Use the calendar.")
                .since(Dialect::V0_12),
            Right::withheld(
                "webhooks",
                "USER_PERMISSIONS_FEATURES_USER_WEBHOOKS",
                "Be told by webhooks (rule N4).",
            )
            .since(Dialect::V0_12),
        ],
    },
    Section {
        name: "settings",
        schema: "SettingsPermissions",
        about: "What a user may set.",
        rights: &[Right::given(
            "interface",
            "USER_PERMISSIONS_SETTINGS_INTERFACE",
            "Set how the front end looks and behaves (rule N4).",
        )
        .since(Dialect::V0_12)],
    },
];
