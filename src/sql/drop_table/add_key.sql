-- The foreign key as it was; what was written meanwhile is looked at afterwards.
:item_create
:item_comment
