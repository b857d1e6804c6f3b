"""Layers and names become the model."""
