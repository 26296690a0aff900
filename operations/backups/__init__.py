"""Backups: a copy of the database, and a manifest that proves that a restored copy is equal."""
