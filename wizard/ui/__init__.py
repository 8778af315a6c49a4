"""The faces: the full screen, line by line, and reports. They show what the layers below decide."""
