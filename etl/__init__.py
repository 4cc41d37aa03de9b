"""Files in and out, demo data, batch analysis: what moves many reports at once."""
