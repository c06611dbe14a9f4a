"""Images and servers as the Compute service shows them."""
