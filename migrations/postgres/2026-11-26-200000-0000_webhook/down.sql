DROP TABLE rosterd_webhook_delivery;
DROP TABLE rosterd_webhook;
