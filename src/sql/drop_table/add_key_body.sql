-- The foreign key as it was; what was written meanwhile is looked at afterwards.  Somebody
-- may have made it again already.
BEGIN
    IF :item_gone THEN
        RETURN;
    END IF;
    IF NOT :item_standing THEN
        :item_create
    END IF;
    :item_comment
END
