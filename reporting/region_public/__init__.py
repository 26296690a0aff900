"""A region's public pages: its areas' public editions side by side, and the totals that tell nothing about a withheld
count. Two people of the region decide about each edition."""
