"""Pictures of series. Pure."""
