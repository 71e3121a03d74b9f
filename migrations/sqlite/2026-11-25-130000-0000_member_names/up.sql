-- The members of each group by name, for lists ordered by membership (rule L1). Kept by triggers, so that whoever changes
-- a name or a membership changes it here too.
CREATE TABLE rosterd_member_name (
    group_id TEXT NOT NULL,
    name TEXT NOT NULL,
    user_id TEXT NOT NULL,
    PRIMARY KEY (group_id, name, user_id)
) WITHOUT ROWID;
INSERT INTO rosterd_member_name (group_id, name, user_id)
    SELECT m.group_id, u.name, u.id FROM group_member m JOIN "user" u ON u.id = m.user_id
    ORDER BY m.group_id, u.name, u.id;
CREATE TRIGGER rosterd_tr_member_added AFTER INSERT ON group_member BEGIN
    INSERT INTO rosterd_member_name (group_id, name, user_id)
        SELECT new.group_id, u.name, u.id FROM "user" u WHERE u.id = new.user_id;
END;
CREATE TRIGGER rosterd_tr_member_removed AFTER DELETE ON group_member BEGIN
    DELETE FROM rosterd_member_name
        WHERE group_id = old.group_id AND name = (SELECT u.name FROM "user" u WHERE u.id = old.user_id)
        AND user_id = old.user_id;
END;
CREATE TRIGGER rosterd_tr_member_moved AFTER UPDATE OF group_id, user_id ON group_member BEGIN
    DELETE FROM rosterd_member_name
        WHERE group_id = old.group_id AND name = (SELECT u.name FROM "user" u WHERE u.id = old.user_id)
        AND user_id = old.user_id;
    INSERT INTO rosterd_member_name (group_id, name, user_id)
        SELECT new.group_id, u.name, u.id FROM "user" u WHERE u.id = new.user_id;
END;
CREATE TRIGGER rosterd_tr_member_renamed AFTER UPDATE OF name ON "user" WHEN old.name IS NOT new.name BEGIN
    UPDATE rosterd_member_name SET name = new.name
        WHERE group_id IN (SELECT m.group_id FROM group_member m WHERE m.user_id = new.id)
        AND name = old.name AND user_id = new.id;
END;
-- Before, since the memberships go with the user and then nobody knows the name any more.
CREATE TRIGGER rosterd_tr_member_deleted BEFORE DELETE ON "user" BEGIN
    DELETE FROM rosterd_member_name
        WHERE group_id IN (SELECT m.group_id FROM group_member m WHERE m.user_id = old.id)
        AND name = old.name AND user_id = old.id;
END;
