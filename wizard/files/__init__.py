"""Files that are never half written, seen by strangers, or changed by two runs at once."""
