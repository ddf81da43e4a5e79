"""What was driven is kept: events always, pictures around them and on demand; replayed bit for bit, and learned from.

No torch: recording runs in the process on the car. What replays or learns is handed in.
"""
