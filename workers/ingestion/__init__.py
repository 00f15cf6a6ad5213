"""Reading untrusted files: pure parsers, and the sandboxed child process in which alone they run."""
