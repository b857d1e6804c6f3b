"""What is watched: event patterns, readable texts and policies as data, for stacks, rules, plans and tests."""
