"""How fast is the product on a working day? People by the thousand, each with a browser of their own.

towns.py makes areas and people, day.py says what people do and how often, clients.py lets them do it, in one process,
and cpu.py counts what each program needs.
"""
