-- A helper index of a partitioned table.  First the partitioned tables get theirs, with
-- nothing in it: from here on a partition that is made or attached gets one from the
-- server.  The partitions of today are given theirs one by one, CONCURRENTLY, by
-- tree_index_next.sql; with the last of them the whole is valid.
:item_verb :"item_name" ON ONLY :item_rel:item_tail;
COMMENT ON INDEX :"item_schema".:"item_name" IS :'comment';
DO :'item_below';
