"""Settings of the cloud, logins, and cached tokens."""
