"""Taking a conversation out as a file: Markdown, JSON that can be imported again, PDF."""
