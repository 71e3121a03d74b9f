DROP INDEX rosterd_ix_event_actor;
CREATE INDEX rosterd_ix_event_actor ON rosterd_event (actor_id, id);
