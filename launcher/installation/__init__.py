"""Sets up the checkout: Python packages from the lock files, browser packages, a browser for the tests."""
