"""A regional edition as text, for its pages and files."""
