"""What a lifecycle policy will do, computed from a list of images (docs/decisions/0020-simulation.md).

`inventory` and `indexes` read what AWS answers, `policy` the rules, `algorithm` marks images as the user guide says,
`answer` puts the outcome into the shape of `aws ecr get-lifecycle-policy-preview`.
"""
