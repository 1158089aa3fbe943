-- How often the table was read or written, as the statistics count: scans of it and of
-- its indexes, and rows written; of a partitioned table in all partitions.
SELECT coalesce(pg_catalog.sum(coalesce(s.seq_scan, 0) + coalesce(s.idx_scan, 0) + s.n_tup_ins + s.n_tup_upd + s.n_tup_del), 0)::pg_catalog.int8
  FROM pg_catalog.pg_stat_all_tables s
 WHERE s.relid = :relid OR s.relid IN (SELECT t.relid FROM pg_catalog.pg_partition_tree(:relid) t)
