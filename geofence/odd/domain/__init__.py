"""Rules of the operational design domain, on arrays and shapely, without Django."""
