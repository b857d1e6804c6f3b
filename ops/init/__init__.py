"""A company's own repository: the files of `files/`, and what is written into them."""
