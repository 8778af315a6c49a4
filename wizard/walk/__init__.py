"""The engine for guided walks, and steps that they share. Set-up, rotation and menu are tables of steps."""
