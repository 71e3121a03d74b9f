DROP TABLE rosterd_link;
