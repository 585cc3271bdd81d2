"""What agents and procedures agree on when a run is carried out."""
