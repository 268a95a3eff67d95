"""docs/base-exemple.md: what it says that the commands answer is what they answer.

LOGE_WRITE_EXAMPLE=1 writes the answers of today into it: read the difference before you keep it.
"""

import os
import re
import shlex
import shutil
import subprocess

from loge import BINARY, REPOSITORY

DOCUMENT = REPOSITORY / "docs/base-exemple.md"
SAMPLES = REPOSITORY / "Tests/SchoolFiles/Samples"
BLOCK = re.compile(r"^```(console|xml) ?(\S*)\n(.*?)^```$", re.M | re.S)


INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def answers(installation, folder, block):
    """A block of commands with what each of them answers now; no moment is the same twice."""
    said = []
    for line in block.splitlines():
        if not line.startswith("$ loge "):
            continue
        outcome = subprocess.run(
            [BINARY, *shlex.split(line)[2:]], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=60, stdin=subprocess.DEVNULL, env={"LOGE_CONFIG": str(installation.config)},
        )  # fmt: skip
        assert outcome.returncode == 0, outcome.stdout
        said.append(f"{line}\n{INSTANT.sub('AAAA-MM-JJThh:mm:ssZ', outcome.stdout)}".rstrip("\n"))
    return "\n".join(said) + "\n"


def test_the_example_is_what_the_commands_answer(make, tmp_path):
    installation = make(more="base: {fiction_numbers: true, departures_always_allowed: 0}\n")
    folder = tmp_path / "samples"
    shutil.copytree(SAMPLES, folder)

    def answered(found):
        kind, name, block = found.groups()
        if kind == "xml":
            (folder / name).write_text(block)
            return found[0]
        return f"```console\n{answers(installation, folder, block)}```"

    before = DOCUMENT.read_text()
    assert before.count("\n$ loge base ") > 10
    now = BLOCK.sub(answered, before)
    if os.environ.get("LOGE_WRITE_EXAMPLE"):
        DOCUMENT.write_text(now)
    assert now.splitlines() == before.splitlines()
