"""One file each: a kind of document in, pages of text out. They run in the child process only."""
