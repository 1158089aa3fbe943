-- The name goes, the table stays: whoever still uses it fails, and nothing is lost.
DO :'check_expand';
ALTER TABLE :rel RENAME TO :"tombstone";
