-- The foreign key as it was; what was written meanwhile is looked at afterwards.
BEGIN
    IF NOT :item_gone THEN
        :item_create
        :item_comment
    END IF;
END
