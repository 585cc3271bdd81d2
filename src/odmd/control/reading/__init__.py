"""What is told of a state: to commands, the API and the console."""
