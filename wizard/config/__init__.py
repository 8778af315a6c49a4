"""The TOML config: what it may say, reading it, writing it, finding it."""
