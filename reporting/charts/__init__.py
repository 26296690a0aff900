"""Pictures of figures. Pure: takes numbers, and returns the geometry of a picture."""
