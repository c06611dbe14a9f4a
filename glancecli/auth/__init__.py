"""Who we are on which cloud: settings, clouds.yaml, logins, cached tokens."""
