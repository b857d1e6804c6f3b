"""Who may do what: purposes, actions, and every policy computed from the grants."""
