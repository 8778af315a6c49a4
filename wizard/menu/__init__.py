"""The start menu, which is a walk as well."""
