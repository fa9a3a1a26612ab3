"""The demonstration: one coherent story, told with simulated people.

``content/`` says what happens, in declarative files; ``build`` makes it happen through the same
use cases that staff, delegates and participants use. Everything is marked as simulated.
"""
