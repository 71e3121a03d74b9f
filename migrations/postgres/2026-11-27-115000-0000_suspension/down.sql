DROP TABLE rosterd_suspension;
