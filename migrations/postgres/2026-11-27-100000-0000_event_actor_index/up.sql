-- An event about its own actor is found by its subject: most are, and each was written to one index more than it needed.
DROP INDEX rosterd_ix_event_actor;
CREATE INDEX rosterd_ix_event_actor ON rosterd_event (actor_id, id)
    WHERE actor_id IS NOT NULL AND (subject_id IS NULL OR subject_id <> actor_id);
