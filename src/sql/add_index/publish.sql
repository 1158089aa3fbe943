-- In one transaction with the record that the step is done.
ALTER INDEX :"schema".:"unfinished" RENAME TO :"name";
