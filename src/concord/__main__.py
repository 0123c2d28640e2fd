"""`python -m concord`: the program."""

from concord.site.terminal import main

main()
