"""Why not: the reasons of refusals, and the rules that collide when duties cannot all be placed."""
