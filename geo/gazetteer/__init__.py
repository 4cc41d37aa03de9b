"""What the geocoder knows of streets, house numbers and landmarks: where it comes from, tables, the copy in memory."""
