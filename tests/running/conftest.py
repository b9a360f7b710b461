"""Installations in which something has happened."""

import pytest

from tests.running.lives import SEED


@pytest.fixture(scope="session")
def seeded(new_installation, copy_installation):
    """An installation with the rows and files of ``SEED``, of either kind of database."""
    models = {}

    def made(vendor="sqlite"):
        if vendor not in models:
            models[vendor] = new_installation(vendor)
            models[vendor].python(SEED)
        return copy_installation(models[vendor])

    return made
