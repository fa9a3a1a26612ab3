"""The verifier as one file for others: its modules, one after the other, none of ours imported."""

import ast
from functools import cache
from pathlib import Path

_PACKAGE = "roadmap.editions.verifying"
# Each after what it imports.
_MODULES = ("canonical", "schema", "dates", "figures", "differences", "command")
FILENAME = "verify_edition.py"


@cache
def standalone_script() -> str:
    """The script: Python 3.11, standard library only, one file."""
    folder = Path(__file__).parent
    imports: set[str] = set()
    bodies: list[str] = []
    introduction = ""
    for name in _MODULES:
        source = (folder / f"{name}.py").read_text(encoding="utf-8")
        tree = ast.parse(source)
        introduction = ast.get_docstring(tree, clean=False) or ""
        lines = source.splitlines()
        for node in reversed(tree.body):
            is_import = isinstance(node, ast.Import | ast.ImportFrom)
            if is_import and not (
                isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE)
            ):
                imports.update(_one_by_one(node))
            if is_import or node is tree.body[0]:
                assert node.end_lineno is not None
                del lines[node.lineno - 1 : node.end_lineno]
        bodies.append("\n".join(lines).strip())
    head = f'"""{introduction}"""\n\n' + "\n".join(sorted(imports))
    return "\n\n\n".join([head, *bodies]) + "\n"


def _one_by_one(node: ast.stmt) -> list[str]:
    """``import a`` and ``from a import b`` as lines that sets can merge."""
    if isinstance(node, ast.ImportFrom):
        return [f"from {node.module} import {each.name}" for each in node.names]
    assert isinstance(node, ast.Import)
    return [f"import {each.name}" for each in node.names]
