"""Watching registered media clearly, in parts as a browser asks for them. Each opening is recorded."""
