"""What the control plane needs of the world. Adapters implement it; `bootstrap` chooses them."""
