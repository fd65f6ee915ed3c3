"""Pages for residents: plain HTML, pure functions of a release."""
