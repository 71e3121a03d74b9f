DROP TABLE rosterd_session;
