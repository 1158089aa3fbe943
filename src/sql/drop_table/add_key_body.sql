-- The foreign key as it was; what was written meanwhile is looked at afterwards.  Somebody
-- may have made it again already.
BEGIN
    IF pg_catalog.current_setting('orchestrate.key') = 'gone' THEN
        RETURN;
    END IF;
    IF pg_catalog.current_setting('orchestrate.key') <> 'standing' THEN
        :item_create
    END IF;
    :item_comment
END
