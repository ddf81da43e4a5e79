"""OpenStreetMap to road graph: tags, reading, assembling. No Django."""
