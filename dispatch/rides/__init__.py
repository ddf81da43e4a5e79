"""A rider's wish to be driven, from the quote to its end."""
