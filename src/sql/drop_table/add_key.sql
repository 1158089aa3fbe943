-- As it was, unless it was gone before retire began.
DO :'item_add';
