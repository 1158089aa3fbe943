-- The way back.  Killed halfway, it leaves an index that is not valid, and is repeated.
DROP INDEX CONCURRENTLY :"schema".:"name";
