"""What can an area be set up with? Catalogues: what is measured, by whom, for which boards. Pure.

`starter.toml` is the set that every new area is offered. A catalogue is also what an area's set-up is exported as, so
that one area can be made like another, and brought up to a newer catalogue. Its codes are shared: by them two towns
are compared.
"""
