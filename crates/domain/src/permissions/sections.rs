//! The four sections of the template, one line a right.
//!
//! A line gives the right's key, its value on an untouched server (`builtin`), the value a key gets that an admin
//! leaves out when writing the template (`model`), and the environment variable that overrides the former. The two
//! values differ in places; both are as recorded from `Open WebUI` 0.6.43. The variables' names follow no one pattern,
//! which is why they stand here in full.

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::{Value, json};

use super::leniency::lenient_bool;
use crate::error::{DomainError, FieldProblem};

macro_rules! section {
    (
        $(#[$doc:meta])*
        $name:ident, $section:literal;
        $($(#[$key_doc:meta])* $key:ident: builtin $builtin:literal, model $model:literal, $variable:literal;)+
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name {
            $($(#[$key_doc])* pub $key: bool,)+
        }

        impl $name {
            pub(super) const SECTION: &'static str = $section;

            pub(super) const BUILTIN: Self = Self { $($key: $builtin,)+ };

            pub(super) const MODEL: Self = Self { $($key: $model,)+ };

            pub(super) fn get(&self, key: &str) -> Option<bool> {
                match key {
                    $(stringify!($key) => Some(self.$key),)+
                    _ => None,
                }
            }

            /// The key as it is written here, if it is one.
            pub(super) fn name(key: &str) -> Option<&'static str> {
                match key {
                    $(stringify!($key) => Some(stringify!($key)),)+
                    _ => None,
                }
            }

            pub(super) fn slot(&mut self, key: &str) -> Option<&mut bool> {
                match key {
                    $(stringify!($key) => Some(&mut self.$key),)+
                    _ => None,
                }
            }

            pub(super) fn entries(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
                [$(($section, stringify!($key), self.$key),)+].into_iter()
            }

            pub(super) fn variable(key: &str) -> Option<&'static str> {
                match key {
                    $(stringify!($key) => Some($variable),)+
                    _ => None,
                }
            }

            /// Reads the section from the whole template; whatever does not fit is added to `problems`.
            pub(super) fn read(template: &Value, problems: &mut Vec<FieldProblem>) -> Self {
                let mut section = Self::MODEL;
                read_section(template, $section, problems, |key, value| {
                    let Some(slot) = section.slot(key) else { return true };
                    lenient_bool(value).map(|flag| *slot = flag).is_some()
                });
                section
            }
        }

        impl<'de> Deserialize<'de> for $name {
            /// A key that is missing gets the value of a template written without it; unknown keys are dropped.
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let template = json!({ $section: Value::deserialize(deserializer)? });
                let mut problems = Vec::new();
                let section = Self::read(&template, &mut problems);
                if problems.is_empty() {
                    Ok(section)
                } else {
                    Err(de::Error::custom(DomainError::Fields(problems)))
                }
            }
        }
    };
}

/// Hands each key of `template[section]` to `put`, which says whether the value fits; a key it does not know fits.
fn read_section(
    template: &Value,
    section: &str,
    problems: &mut Vec<FieldProblem>,
    mut put: impl FnMut(&str, &Value) -> bool,
) {
    let keys = match template.get(section) {
        None => return problems.push((vec![section.to_owned()], "is required".to_owned())),
        Some(Value::Object(keys)) => keys,
        Some(_) => return problems.push((vec![section.to_owned()], "must be an object".to_owned())),
    };
    for (key, value) in keys {
        if !put(key, value) {
            problems.push((vec![section.to_owned(), key.clone()], "must be true or false".to_owned()));
        }
    }
}

section! {
    /// What a user may open, import and export in the workspace.
    WorkspacePermissions, "workspace";
    /// Open the models.
    models: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_MODELS_ACCESS";
    /// Open the knowledge bases.
    knowledge: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_KNOWLEDGE_ACCESS";
    /// Open the prompts.
    prompts: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_PROMPTS_ACCESS";
    /// Open the tools, which run code on the server.
    tools: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_TOOLS_ACCESS";
    /// Import models from a file.
    models_import: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_MODELS_IMPORT";
    /// Export models to a file.
    models_export: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_MODELS_EXPORT";
    /// Import prompts from a file.
    prompts_import: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_PROMPTS_IMPORT";
    /// Export prompts to a file.
    prompts_export: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_PROMPTS_EXPORT";
    /// Import tools from a file.
    tools_import: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_TOOLS_IMPORT";
    /// Export tools to a file.
    tools_export: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_TOOLS_EXPORT";
}

section! {
    /// What a user may share, with chosen others or with everybody (`public_…`).
    SharingPermissions, "sharing";
    /// Share models with chosen others.
    models: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_MODELS_ALLOW_SHARING";
    /// Share models with everybody.
    public_models: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_MODELS_ALLOW_PUBLIC_SHARING";
    /// Share knowledge bases with chosen others.
    knowledge: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_KNOWLEDGE_ALLOW_SHARING";
    /// Share knowledge bases with everybody.
    public_knowledge: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_KNOWLEDGE_ALLOW_PUBLIC_SHARING";
    /// Share prompts with chosen others.
    prompts: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_PROMPTS_ALLOW_SHARING";
    /// Share prompts with everybody.
    public_prompts: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_PROMPTS_ALLOW_PUBLIC_SHARING";
    /// Share tools with chosen others.
    tools: builtin false, model false, "USER_PERMISSIONS_WORKSPACE_TOOLS_ALLOW_SHARING";
    /// Share tools with everybody.
    public_tools: builtin false, model true, "USER_PERMISSIONS_WORKSPACE_TOOLS_ALLOW_PUBLIC_SHARING";
    /// Share notes with chosen others.
    notes: builtin false, model false, "USER_PERMISSIONS_NOTES_ALLOW_SHARING";
    /// Share notes with everybody.
    public_notes: builtin false, model true, "USER_PERMISSIONS_NOTES_ALLOW_PUBLIC_SHARING";
}

section! {
    /// What a user may do in a chat.
    ChatPermissions, "chat";
    /// Open the chat controls.
    controls: builtin true, model true, "USER_PERMISSIONS_CHAT_CONTROLS";
    /// Set the valves of functions.
    valves: builtin true, model true, "USER_PERMISSIONS_CHAT_VALVES";
    /// Set a system prompt.
    system_prompt: builtin true, model true, "USER_PERMISSIONS_CHAT_SYSTEM_PROMPT";
    /// Set model parameters.
    params: builtin true, model true, "USER_PERMISSIONS_CHAT_PARAMS";
    /// Attach files.
    file_upload: builtin true, model true, "USER_PERMISSIONS_CHAT_FILE_UPLOAD";
    /// Delete chats.
    delete: builtin true, model true, "USER_PERMISSIONS_CHAT_DELETE";
    /// Delete single messages.
    delete_message: builtin true, model true, "USER_PERMISSIONS_CHAT_DELETE_MESSAGE";
    /// Continue a response.
    continue_response: builtin true, model true, "USER_PERMISSIONS_CHAT_CONTINUE_RESPONSE";
    /// Generate a response again.
    regenerate_response: builtin true, model true, "USER_PERMISSIONS_CHAT_REGENERATE_RESPONSE";
    /// Rate responses.
    rate_response: builtin true, model true, "USER_PERMISSIONS_CHAT_RATE_RESPONSE";
    /// Edit messages.
    edit: builtin true, model true, "USER_PERMISSIONS_CHAT_EDIT";
    /// Share chats.
    share: builtin true, model true, "USER_PERMISSIONS_CHAT_SHARE";
    /// Export chats to a file.
    export: builtin true, model true, "USER_PERMISSIONS_CHAT_EXPORT";
    /// Speak instead of typing.
    stt: builtin true, model true, "USER_PERMISSIONS_CHAT_STT";
    /// Have responses read aloud.
    tts: builtin true, model true, "USER_PERMISSIONS_CHAT_TTS";
    /// Talk in a voice call.
    call: builtin true, model true, "USER_PERMISSIONS_CHAT_CALL";
    /// Ask several models at once.
    multiple_models: builtin true, model true, "USER_PERMISSIONS_CHAT_MULTIPLE_MODELS";
    /// Use temporary chats.
    temporary: builtin true, model true, "USER_PERMISSIONS_CHAT_TEMPORARY";
    /// Use *only* temporary chats. This is a restriction, but it is joined like a right.
    temporary_enforced: builtin false, model false, "USER_PERMISSIONS_CHAT_TEMPORARY_ENFORCED";
}

section! {
    /// Which features a user may use.
    FeaturesPermissions, "features";
    /// Make and use API keys.
    api_keys: builtin false, model false, "USER_PERMISSIONS_FEATURES_API_KEYS";
    /// Use notes.
    notes: builtin true, model true, "USER_PERMISSIONS_FEATURES_NOTES";
    /// Use channels.
    channels: builtin true, model true, "USER_PERMISSIONS_FEATURES_CHANNELS";
    /// Use folders.
    folders: builtin true, model true, "USER_PERMISSIONS_FEATURES_FOLDERS";
    /// Connect own tool servers (rule S2).
    direct_tool_servers: builtin false, model false, "USER_PERMISSIONS_FEATURES_DIRECT_TOOL_SERVERS";
    /// Search the web.
    web_search: builtin true, model true, "USER_PERMISSIONS_FEATURES_WEB_SEARCH";
    /// Generate images.
    image_generation: builtin true, model true, "USER_PERMISSIONS_FEATURES_IMAGE_GENERATION";
    /// Run code.
    code_interpreter: builtin true, model true, "USER_PERMISSIONS_FEATURES_CODE_INTERPRETER";
}
