"""The last word before actuation. Plain Python: it runs, and stops the car, where the network does not."""
