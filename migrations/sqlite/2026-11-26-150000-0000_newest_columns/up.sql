-- What the newest Open WebUI keeps beside the rest: what a provisioning system noted of a user, the user's variables, and
-- the group above a group.
ALTER TABLE "user" ADD COLUMN scim JSON;
ALTER TABLE "user" ADD COLUMN variables JSON;
ALTER TABLE "group" ADD COLUMN parent_group_id TEXT;
CREATE INDEX rosterd_ix_group_parent_group_id ON "group" (parent_group_id);
