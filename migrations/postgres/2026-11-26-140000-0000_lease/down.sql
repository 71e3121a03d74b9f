DROP TABLE rosterd_lease;
