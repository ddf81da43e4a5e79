"""Two back ends of one `Router` protocol; they agree to the millisecond."""
