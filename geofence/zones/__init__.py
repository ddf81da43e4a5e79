"""Versioned areas: drawn, checked, published, retired."""
