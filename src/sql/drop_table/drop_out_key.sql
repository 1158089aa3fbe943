-- The point of no return is behind us with the first of them.
DO :'check_retired';
DO :'item_drop_out';
