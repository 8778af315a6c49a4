"""The user interfaces: full screen, line by line, and reports. They contain no rules of their own."""
