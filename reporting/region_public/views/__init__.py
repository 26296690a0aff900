"""The pages of a regional edition: for anybody, and for the two people who decide."""
