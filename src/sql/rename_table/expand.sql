-- The new name, at first as a view: code that knows it can be rolled out.
DO :'check_expand';
:view_of_new_name
