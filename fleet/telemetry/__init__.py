"""What cars report of themselves: history by the day, the last known state, and live positions."""
