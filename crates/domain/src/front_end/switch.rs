//! What front ends are told and no database holds.

macro_rules! switches {
    ($($(#[doc = $doc:literal])* $name:ident = $variable:literal, $key:literal, $default:literal;)+) => {
        /// A switch that only the environment gives.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Switch {
            $($(#[doc = $doc])* $name,)+
        }

        impl Switch {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The environment variable.
            #[must_use]
            pub const fn variable(self) -> &'static str {
                match self {
                    $(Self::$name => $variable,)+
                }
            }

            /// The place in the TOML file.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("features.", $key),)+
                }
            }

            /// What it is where nothing is set.
            #[must_use]
            pub const fn default(self) -> bool {
                match self {
                    $(Self::$name => $default,)+
                }
            }

            /// One sentence for `--help`.
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),*).trim_ascii(),)+
                }
            }
        }
    };
}

switches! {
    /// The form of a sign-up asks for the password twice.
    SignupPasswordConfirmation = "ENABLE_SIGNUP_PASSWORD_CONFIRMATION", "signup_password_confirmation", false;
    /// Open WebUI serves web sockets.
    Websocket = "ENABLE_WEBSOCKET_SUPPORT", "websocket", true;
    /// The front end looks for newer versions of Open WebUI.
    VersionUpdateCheck = "ENABLE_VERSION_UPDATE_CHECK", "version_update_check", true;
    /// Files that code makes in the browser are kept.
    PyodideFilePersistence = "ENABLE_PYODIDE_FILE_PERSISTENCE", "pyodide_file_persistence", false;
    /// Everybody sees how many users are active.
    PublicActiveUsersCount = "ENABLE_PUBLIC_ACTIVE_USERS_COUNT", "public_active_users_count", true;
    /// The front end may show easter eggs.
    EasterEggs = "ENABLE_EASTER_EGGS", "easter_eggs", true;
    /// Open WebUI runs plug-ins.
    Plugins = "ENABLE_PLUGINS", "plugins", true;
    /// Open WebUI runs tools.
    Tools = "ENABLE_TOOLS", "tools", true;
    /// Open WebUI runs functions.
    Functions = "ENABLE_FUNCTIONS", "functions", true;
    /// Open WebUI calls tool servers.
    ToolServers = "ENABLE_TOOL_SERVERS", "tool_servers", true;
    /// Admins may export the database of Open WebUI.
    AdminExport = "ENABLE_ADMIN_EXPORT", "admin_export", true;
    /// Admins may read the chats of others.
    AdminChatAccess = "ENABLE_ADMIN_CHAT_ACCESS", "admin_chat_access", true;
    /// Admins see how models are used.
    AdminAnalytics = "ENABLE_ADMIN_ANALYTICS", "admin_analytics", true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_switch_is_a_sentence() {
        assert_eq!(Switch::Plugins.about(), "Open WebUI runs plug-ins.");
        assert_eq!(Switch::Plugins.key(), "features.plugins");
        for switch in Switch::ALL {
            assert!(switch.variable().starts_with("ENABLE_") && switch.about().ends_with('.'), "{switch:?}");
        }
    }
}
