"""What results look like: tables for terminals, plain grids for pipes, JSON, YAML, CSV, values."""
