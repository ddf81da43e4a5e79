"""The rider's web page: sign up, book, follow, unlock, start. All of it through the public API."""
