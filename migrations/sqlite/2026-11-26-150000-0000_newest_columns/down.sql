DROP INDEX rosterd_ix_group_parent_group_id;
ALTER TABLE "group" DROP COLUMN parent_group_id;
ALTER TABLE "user" DROP COLUMN variables;
ALTER TABLE "user" DROP COLUMN scim;
