"""The rotation: replaces the key of existing configs."""
