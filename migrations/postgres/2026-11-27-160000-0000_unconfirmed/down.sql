DROP TABLE rosterd_unconfirmed;
