DROP TABLE rosterd_deleted_row;
DROP TABLE rosterd_deleted;
