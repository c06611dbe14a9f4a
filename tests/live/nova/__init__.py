"""Live tests with a Nova, which takes long to start."""
