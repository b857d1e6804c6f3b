"""One page that shows a whole registry, without network and without AWS: what it says, its picture, its markup."""
