"""Small charts of series. Pure."""
