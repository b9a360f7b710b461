"""Sanneng (三能): teaching, research and people of a school, turned into traceable figures."""

__version__ = "0.1.0"
