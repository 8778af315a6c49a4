"""One engine for every guided walk: the set-up, the rotation and the menu are tables of steps in it."""
