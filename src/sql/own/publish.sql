-- In one transaction with the record that the step is done.
ALTER INDEX :scoped RENAME TO :"name";
