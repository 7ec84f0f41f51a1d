"""``python -m trendnlp``: the command line."""

from trendnlp.cli import main

main()
