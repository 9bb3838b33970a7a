"""The task hash of docs/contract.md, section 1. Needs Python 3.6 or newer and nothing else.

Run it to check it against the test vectors:

    python3 docs/examples/task_hash.py [vectors.json]
"""

import hashlib
import json
import os
import sys


def canonical(task):
    """Returns the text that is hashed: the canonical JSON of RFC 8785. `task` is a task of the issue record."""
    sheet = task.get("sheet")
    statement = task.get("statement")
    what = [sheet["uri"], sheet["sha256"]] if sheet is not None else statement if statement is not None else ""
    fields = [task["taskId"], task.get("type"), task.get("instance"), task.get("database"), what]
    # By default json.dumps escapes everything outside ASCII and adds blanks.
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def task_hash(task):
    """Returns the task hash, 64 hexadecimal digits. Raises UnicodeEncodeError on a lone surrogate, as RFC 8785 asks."""
    return hashlib.sha256(canonical(task).encode("utf-8")).hexdigest()


def task_of(vector):
    """Returns the task of a vector, with its statement as often as the vector says."""
    times = vector.get("statementTimes")
    task = vector["task"]
    return task if times is None else dict(task, statement=task["statement"] * times)


def main(path):
    with open(path, encoding="utf-8") as file:
        vectors = json.load(file)["vectors"]
    wrong = [vector["what"] for vector in vectors if task_hash(task_of(vector)) != vector["sha256"]]
    for what in wrong:
        print("wrong: " + what)
    print("%d of %d task hashes are right" % (len(vectors) - len(wrong), len(vectors)))
    return 1 if wrong else 0


if __name__ == "__main__":
    beside = os.path.join(os.path.dirname(os.path.abspath(__file__)), "task-hash.json")
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else beside))
