"""The plain facts that everything else speaks about: no I/O, no user interface, no network."""
