"""Pull requests on services: the clones that they have, what people say in comments, and what they are told."""
