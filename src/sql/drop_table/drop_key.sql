-- What was there when retire began is dropped; what was gone by then counts as dropped.
DO :'item_drop';
