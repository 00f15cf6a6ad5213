"""Documents of the sample company, made here: the same bytes each time, and no file of them lies in the repository."""
