"""The rider's side over HTTP and websocket: book, follow, unlock, start, cancel."""
