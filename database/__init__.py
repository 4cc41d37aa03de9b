"""The database: settings, the embedded PostGIS, engines with their context, migrations, the clock.

Nothing in here knows of reports; every other package stands on it.
"""
