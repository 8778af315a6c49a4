"""What a rotation asks, in which order: pure, without I/O or a face."""
