"""Views of a graph, and the formats that they are written in."""
