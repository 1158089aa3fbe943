-- Nothing to prove when the key was gone before retire began.
SELECT :item_gone OR (:item_validated) AS done;
