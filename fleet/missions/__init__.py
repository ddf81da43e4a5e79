"""What cars are told: missions, commands and operators' orders."""
