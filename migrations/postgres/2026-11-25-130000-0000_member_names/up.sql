-- The members of each group by name, for lists ordered by membership (rule L1). Kept by triggers, so that whoever changes
-- a name or a membership changes it here too.
CREATE TABLE rosterd_member_name (
    group_id text COLLATE "C" NOT NULL,
    name varchar(255) COLLATE "C" NOT NULL,
    user_id varchar(255) COLLATE "C" NOT NULL,
    PRIMARY KEY (group_id, name, user_id)
);
INSERT INTO rosterd_member_name (group_id, name, user_id)
    SELECT m.group_id, u.name, u.id FROM group_member m JOIN "user" u ON u.id = m.user_id;
CREATE FUNCTION rosterd_follow_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP IN ('UPDATE', 'DELETE') THEN
        DELETE FROM rosterd_member_name
            WHERE group_id = OLD.group_id AND name = (SELECT u.name FROM "user" u WHERE u.id = OLD.user_id)
            AND user_id = OLD.user_id;
    END IF;
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        -- The lock waits for whoever is renaming this user, and makes them wait for us: else each would miss the other.
        INSERT INTO rosterd_member_name (group_id, name, user_id)
            SELECT NEW.group_id, u.name, u.id FROM "user" u WHERE u.id = NEW.user_id FOR SHARE OF u;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER rosterd_tr_member_changed AFTER INSERT OR DELETE OR UPDATE OF group_id, user_id ON group_member
    FOR EACH ROW EXECUTE FUNCTION rosterd_follow_member();
CREATE FUNCTION rosterd_rename_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE rosterd_member_name SET name = NEW.name
        WHERE group_id IN (SELECT m.group_id FROM group_member m WHERE m.user_id = NEW.id)
        AND name = OLD.name AND user_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER rosterd_tr_member_renamed AFTER UPDATE OF name ON "user"
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION rosterd_rename_member();
-- Before, since the memberships go with the user and then nobody knows the name any more.
CREATE FUNCTION rosterd_forget_member() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM rosterd_member_name
        WHERE group_id IN (SELECT m.group_id FROM group_member m WHERE m.user_id = OLD.id)
        AND name = OLD.name AND user_id = OLD.id;
    RETURN OLD;
END
$$;
CREATE TRIGGER rosterd_tr_member_deleted BEFORE DELETE ON "user"
    FOR EACH ROW EXECUTE FUNCTION rosterd_forget_member();
