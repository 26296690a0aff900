"""What does the product lose when things go wrong? A model of acknowledged writes, and every kind of fault.

A run starts servers of its own (stores.py) and the programs of the product (programs.py), makes towns (towns.py), lets
people write while something goes wrong (plans.py decides what and when, people.py writes, kinds.py does the harm), and
looks at the end whether all that was acknowledged is there (checks.py).
"""
