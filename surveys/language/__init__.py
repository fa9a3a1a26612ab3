"""The expression language: read, typed, evaluated, said, and checked for sense. Pure."""
