"""How images get here in a pipeline: what CodeBuild runs (steps/), as the documents that it reads."""
