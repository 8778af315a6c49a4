"""Plain values without I/O: keys, organisation numbers, secrets, references and exit codes."""
