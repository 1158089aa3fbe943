-- Is there no foreign key for which rows without a partner would have to be looked for?
SELECT :item_gone AS done;
