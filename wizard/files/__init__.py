"""Atomic and private writing of files, locks, and reading of files with limits."""
