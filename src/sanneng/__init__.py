"""Sanneng (三能): a school's teaching, research and people, turned into figures that can be traced."""
