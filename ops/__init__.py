"""Set-up, processes and proofs: what makes Hansom run on a machine."""
