DROP TABLE rosterd_attempt;
