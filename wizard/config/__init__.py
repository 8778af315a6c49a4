"""The TOML config: its fields, and finding, reading and writing it."""
