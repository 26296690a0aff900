"""What do figures look like, drawn? Pure: numbers in, the geometry of a picture out."""
