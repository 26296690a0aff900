"""Catalogues: what an area can be set up with. They say what is measured, by whom and for which boards. Pure.

`starter.toml` is the set that every new area is offered. An area's set-up is also exported as a catalogue. So one area
can be made like another, or take a newer catalogue. Its codes are shared: towns are compared by them.
"""
