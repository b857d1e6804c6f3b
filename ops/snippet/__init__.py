"""`ecrctl snippet`: files of other tools, with this registry's account, region, roles and tags.

What a file declares reaches them as data: through a YAML or JSON writer, or through the shell's own quoting.
"""
