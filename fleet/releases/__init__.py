"""The drivers' releases on this machine and what each of them scored before it was let out."""
