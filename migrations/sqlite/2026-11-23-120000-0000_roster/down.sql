DROP TABLE rosterd_user_fts;
DROP TABLE rosterd_user_search;
DROP TABLE rosterd_revoked_token;
DROP TABLE config;
DROP TABLE chat;
DROP TABLE oauth_session;
DROP TABLE group_member;
DROP TABLE "group";
DROP TABLE api_key;
DROP TABLE auth;
-- The counter after the table whose triggers write to it.
DROP TABLE "user";
DROP TABLE rosterd_counter;
