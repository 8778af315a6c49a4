"""The rotation: another key for configs that exist."""
