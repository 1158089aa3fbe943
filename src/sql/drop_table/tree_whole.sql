-- Has the partitioned table its foreign key again, if it is to have it?
SELECT :item_gone OR :item_standing AS done;
