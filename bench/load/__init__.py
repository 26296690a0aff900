"""How fast is the product on a working day? People by the thousand, each with a browser of their own.

`script/load --help` says how to run it. town.py makes areas and people, kinds.py says what people do and how often,
clients.py lets them do it, in one process, and cpu.py counts what each program needs.
"""
