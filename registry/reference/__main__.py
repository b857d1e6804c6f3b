"""`python -m registry.reference`, which is `make docs`."""

from registry.reference.files import FILES, ROOT

for path, made in FILES.items():
    (ROOT / path).write_text(made(), encoding="utf-8")
    print(f"wrote {path}")
