#!/usr/bin/env python3
"""Runs every test beside this file and ends with the one line that `cargo xtask test` counts."""

import pathlib
import sys
import unittest
import warnings


def main():
    here = pathlib.Path(__file__).resolve().parent
    # The clients warn of their own old ways; what counts here is whether they work.
    warnings.simplefilter("ignore")
    suite = unittest.defaultTestLoader.discover(str(here))
    result = unittest.TextTestRunner(verbosity=2, warnings="ignore").run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    skipped = len(result.skipped)
    print(f"{max(0, result.testsRun - failed - skipped)} passed, {failed} failed, {skipped} skipped", flush=True)
    return 1 if failed or not result.testsRun else 0


if __name__ == "__main__":
    sys.exit(main())
