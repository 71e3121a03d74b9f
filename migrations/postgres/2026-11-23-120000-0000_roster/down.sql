-- The extension pg_trgm stays: others may use it by now.
DROP TABLE rosterd_user_search;
DROP TABLE rosterd_revoked_token;
DROP TABLE config;
DROP TABLE chat;
DROP TABLE oauth_session;
DROP TABLE group_member;
DROP TABLE "group";
DROP TABLE api_key;
DROP TABLE auth;
DROP TABLE "user";
DROP FUNCTION rosterd_count_users();
DROP TABLE rosterd_counter;
