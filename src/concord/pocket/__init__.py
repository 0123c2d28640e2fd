"""What an examination machine carries: asking by digest over a thin line. Standard library only, nothing else of ours.

It becomes one file, `concord-ask.pyz`, that runs with the Python that is there, from 3.8 on; the terminal uses its parts.
"""
