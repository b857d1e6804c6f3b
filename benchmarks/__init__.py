"""How fast, against what: `make bench`. README.md says how it is measured and why that is fair."""
