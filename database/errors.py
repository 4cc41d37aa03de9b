"""What can go wrong below the application, each said in one line an operator can act on."""

from __future__ import annotations

import click


class OperatorError(click.ClickException):
    """A failure whose message is all that a person at the keyboard needs: commands print it and exit 1."""


class SettingsError(OperatorError):
    """An environment variable holds something that cannot be used."""


class ClusterError(OperatorError):
    """The embedded PostgreSQL cannot be made, started or stopped."""


class MigrationError(OperatorError):
    """The database cannot be brought to the schema of this code."""
