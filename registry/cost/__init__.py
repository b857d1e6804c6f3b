"""What AWS bills for a registry in a month: prices with sources, and arithmetic (docs/decisions/0064-cost.md)."""
