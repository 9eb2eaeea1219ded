"""Athletes, their settings, and the platforms that have them."""
