DROP TABLE rosterd_scim_group;
DROP TABLE rosterd_scim_email;
DROP TABLE rosterd_scim_user;
DROP TABLE rosterd_scim_connection;
