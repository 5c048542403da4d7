"""The oracle: the definitions computed a second time, slowly, from the text alone.

Plain Python over dataclasses. It shares no code with the warehouse, so a difference between the two means that one
of them misreads `docs/definitions.md`. The readings taken are listed in `READINGS.md` beside this file.
"""
