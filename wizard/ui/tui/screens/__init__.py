"""One screen for each kind of question; none knows a step."""
