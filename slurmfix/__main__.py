"""`python -m slurmfix` is `slurmfix`."""

from slurmfix.cli import main

if __name__ == "__main__":
    main()
