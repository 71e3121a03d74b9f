DROP TABLE rosterd_mail;
