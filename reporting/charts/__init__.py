"""What do figures look like as pictures? Pure: takes numbers, and returns the geometry of a picture."""
