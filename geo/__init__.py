"""Place, and nothing of reports: projections, Vietnamese addresses, the geocoder."""
