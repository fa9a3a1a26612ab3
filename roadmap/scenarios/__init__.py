"""What if: branches of the draft that are tried, compared, and adopted or dropped."""
