"""The command line: parse, call one function of the library, print."""

import os

# As NumPy is imported, its OpenBLAS starts a thread for each core, which spins for a tenth of a CPU second. Nothing
# here multiplies large matrices. So before NumPy is imported, and only where nobody says otherwise.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from broadsheet.cli.main import main

__all__ = ["main"]
