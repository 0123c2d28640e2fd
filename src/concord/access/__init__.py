"""Who may do what, and the entry that proves it: actors, rules, audit."""
