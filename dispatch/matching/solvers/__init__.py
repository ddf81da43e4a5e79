"""Solvers of one assignment problem: exact by flow, exact by sparse matching, quick by greed."""
