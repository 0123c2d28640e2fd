"""The nouns: one file each. Django models that the database guards row by row, and pure rules beside them."""
