"""What CodeBuild runs: programs of the standard library alone, which ask AWS through the AWS CLI of its images.

They are put into the buildspecs as they are here. What differs from pipeline to pipeline comes in environment
variables, so that nothing of a file is ever a part of a program.
"""
