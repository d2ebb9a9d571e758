"""What is learned: clusters that the data suggests, tested, explained, and made definitions.

Needs ``coterie[discover]``; this room may import what that brings, and nothing below it does.
"""
