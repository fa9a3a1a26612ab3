"""From what people said to what was done with it: proposals, points, and decisions on them."""
