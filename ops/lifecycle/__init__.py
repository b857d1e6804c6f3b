"""`ecrctl lifecycle`: what a lifecycle policy will do, said before it does it."""
