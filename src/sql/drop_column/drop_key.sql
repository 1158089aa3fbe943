-- The point of no return is behind us with the first of them.
DO :'buried_check';
DO :'item_drop';
