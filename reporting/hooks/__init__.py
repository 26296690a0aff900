"""Webhooks: other systems are told that a month was published, corrected or withdrawn."""
