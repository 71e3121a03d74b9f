DROP TABLE rosterd_setup_token;
