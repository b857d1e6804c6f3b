"""What `ecrctl cost` and `ecrctl prices` do: files and AWS in, a bill out."""
