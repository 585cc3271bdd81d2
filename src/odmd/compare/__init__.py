"""Two envers, or one at two times, held against each other: pure, of what was recorded of both."""
