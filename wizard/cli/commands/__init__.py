"""One module a command, each with ``run(options, t, defaults) -> exit code``."""
