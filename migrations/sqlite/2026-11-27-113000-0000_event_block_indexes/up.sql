-- Where a write puts its event into the index of subjects is a random page, and each write paid for one. Now an event comes into
-- these indexes when it is sealed, near those that are sealed with it: both begin with the block of 4,096 positions.
DROP INDEX rosterd_ix_event_subject;
DROP INDEX rosterd_ix_event_actor;
CREATE INDEX rosterd_ix_event_block_subject ON rosterd_event ((position / 4096), subject_id, id) WHERE position IS NOT NULL;
CREATE INDEX rosterd_ix_event_block_actor ON rosterd_event ((position / 4096), actor_id, id)
    WHERE position IS NOT NULL AND actor_id IS NOT NULL AND (subject_id IS NULL OR subject_id <> actor_id);
