"""What is asked, in which order, and which replies are right: pure, without I/O or a face."""
