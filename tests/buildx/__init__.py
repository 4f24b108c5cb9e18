"""What the real buildx makes of the bake file; no daemon is asked."""
