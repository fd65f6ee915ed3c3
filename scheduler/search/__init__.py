"""How the model is searched: stages one after another, within limits, with progress and a way to stop."""
