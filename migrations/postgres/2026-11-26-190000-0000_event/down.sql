DROP TABLE rosterd_event;
DROP TABLE rosterd_seal;
