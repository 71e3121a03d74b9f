//! The rights of Open WebUI 0.6, one row each: key, what holds on an untouched server, variable, meaning. A row says also
//! what the key gets that an admin leaves out when writing the template ([`Right::left_out`]) where that is not the same.
//! Both are as recorded from 0.6.43. The variables' names follow no one pattern, which is why they stand here in full.

use super::rights::{Right, Rights, Section};
use crate::dialect::Dialect;

/// The rights of Open WebUI 0.6.
pub static OPEN_WEBUI_0_6: Rights = Rights::new(
    Dialect::V0_6,
    &[
        Section {
            name: "workspace",
            schema: "WorkspacePermissions",
            about: "What a user may open, import and export in the workspace.",
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
                Right::withheld(
                    "models_import",
                    "USER_PERMISSIONS_WORKSPACE_MODELS_IMPORT",
                    "Import models from a file.",
                ),
                Right::withheld(
                    "models_export",
                    "USER_PERMISSIONS_WORKSPACE_MODELS_EXPORT",
                    "Export models to a file.",
                ),
                Right::withheld(
                    "prompts_import",
                    "USER_PERMISSIONS_WORKSPACE_PROMPTS_IMPORT",
                    "Import prompts from a file.",
                ),
                Right::withheld(
                    "prompts_export",
                    "USER_PERMISSIONS_WORKSPACE_PROMPTS_EXPORT",
                    "Export prompts to a file.",
                ),
                Right::withheld(
                    "tools_import",
                    "USER_PERMISSIONS_WORKSPACE_TOOLS_IMPORT",
                    "Import tools from a file.",
                ),
                Right::withheld(
                    "tools_export",
                    "USER_PERMISSIONS_WORKSPACE_TOOLS_EXPORT",
                    "Export tools to a file.",
                ),
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
                .left_out(true),
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
                .left_out(true),
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
                Right::given("delete", "USER_PERMISSIONS_CHAT_DELETE", "Delete chats."),
                Right::given(
                    "delete_message",
                    "USER_PERMISSIONS_CHAT_DELETE_MESSAGE",
                    "Delete single messages.",
                ),
                Right::given(
                    "continue_response",
                    "USER_PERMISSIONS_CHAT_CONTINUE_RESPONSE",
                    "Continue a response.",
                ),
                Right::given(
                    "regenerate_response",
                    "USER_PERMISSIONS_CHAT_REGENERATE_RESPONSE",
                    "Generate a response again.",
                ),
                Right::given("rate_response", "USER_PERMISSIONS_CHAT_RATE_RESPONSE", "Rate responses."),
                Right::given("edit", "USER_PERMISSIONS_CHAT_EDIT", "Edit messages."),
                Right::given("share", "USER_PERMISSIONS_CHAT_SHARE", "Share chats."),
                Right::given("export", "USER_PERMISSIONS_CHAT_EXPORT", "Export chats to a file."),
                Right::given("stt", "USER_PERMISSIONS_CHAT_STT", "Speak instead of typing."),
                Right::given("tts", "USER_PERMISSIONS_CHAT_TTS", "Have responses read aloud."),
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
                    "Use *only* temporary chats. This is a restriction, but it is joined like a right.",
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
                    "direct_tool_servers",
                    "USER_PERMISSIONS_FEATURES_DIRECT_TOOL_SERVERS",
                    "Connect own tool servers (rule S2).",
                ),
                Right::given("web_search", "USER_PERMISSIONS_FEATURES_WEB_SEARCH", "Search the web."),
                Right::given(
                    "image_generation",
                    "USER_PERMISSIONS_FEATURES_IMAGE_GENERATION",
                    "Generate images.",
                ),
                Right::given("code_interpreter", "USER_PERMISSIONS_FEATURES_CODE_INTERPRETER", "Run code."),
            ],
        },
    ],
);
