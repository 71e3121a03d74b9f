DROP TABLE rosterd_sign_in;
