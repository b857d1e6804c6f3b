"""How long deploys of a whole fleet take, simulated, and which quota ends first. docs/scale.md has the figures."""
