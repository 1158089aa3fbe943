-- One foreign key at a time: each locks two tables.
ALTER TABLE :item_rel DROP CONSTRAINT :"item_name";
