-- Only a finished index bears the name that later phases look for.
ALTER INDEX :"schema".:"index_attempt" RENAME TO :"index_name";
COMMENT ON INDEX :index_qualified IS :'comment';
