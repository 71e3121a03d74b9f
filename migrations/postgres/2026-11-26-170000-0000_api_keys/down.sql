DROP TABLE rosterd_api_key;
