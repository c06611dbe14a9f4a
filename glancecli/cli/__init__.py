"""The programs: command lines, options, help, streams, exit codes."""
