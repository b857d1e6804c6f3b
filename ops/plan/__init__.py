"""A change of the file as a reviewer reads it: what it does to AWS, how risky that is, and who is concerned."""
