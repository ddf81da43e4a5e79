"""How the driver is taught: data from the simulator, cloning of the teacher, rounds of correction, scores."""
