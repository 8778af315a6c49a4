"""The commands, each a module with ``run(options, t, defaults)``, which returns the exit code."""
