"""Prints what scripts/cluster has started: one line of JSON for a program, or words for a person.

Settings come as arguments (name=value); the nodes on standard input, one a line, parted by tabs: name, process, port,
operators' port, port by which it reaches PostgreSQL (empty: PostgreSQL's own).
"""

import json
import sys
from pathlib import Path


def described(settings, lines):
    """The cluster as one value."""
    folder = Path(settings["folder"])
    nodes = []
    for line in lines:
        name, pid, port, operations, through = line.rstrip("\n").split("\t")
        nodes.append(
            {
                "name": name,
                "pid": int(pid),
                "port": int(port),
                "url": f"http://127.0.0.1:{port}",
                "operations": f"http://127.0.0.1:{operations}",
                "operations_port": int(operations),
                "database_port": int(through or settings["postgresql_port"]),
                "log": str(folder / f"{name}.log"),
            }
        )
    people = folder / "people.json"
    return {
        "ready": True,
        "url": settings["url"],
        "folder": str(folder),
        "binary": settings["binary"],
        "config": str(folder / "loge.yaml"),
        "nodes": nodes,
        "haproxy": {
            "pid": int(settings["haproxy_pid"]),
            "port": int(settings["haproxy_port"]),
            "config": str(folder / "haproxy.cfg"),
            "log": str(folder / "haproxy.log"),
            "socket": str(folder / "haproxy.socket"),
        },
        "postgresql": {
            "pid": int(settings["postgresql_pid"]),
            "port": int(settings["postgresql_port"]),
            "url": settings["postgresql_url"],
            "password_file": str(folder / "postgresql/password"),
            "data": str(folder / "postgresql/data"),
            "log": str(folder / "postgresql/log"),
            "socket": str(folder / "postgresql"),
            "binaries": settings["postgresql_binaries"],
        },
        "people": json.loads(people.read_text())["accounts"] if people.exists() else [],
    }


def words(cluster):
    """The same for a person: the address for the browser first."""
    yield f"\n    {cluster['url']}\n"
    for node in cluster["nodes"]:
        yield f"    {node['name']:12} {node['url']}  operations {node['operations']}/readyz  process {node['pid']}"
    database = cluster["postgresql"]
    yield f"    {'PostgreSQL':12} {database['url']}  process {database['pid']}"
    yield f"    {'folder':12} {cluster['folder']}"
    yield f"    {'commands':12} {cluster['binary']} … --config {cluster['config']}"
    for person in cluster["people"]:
        who = f"{person['given_name']} {person['family_name']}"
        yield f"    {who:18} login {person['login']}, activation code {person['activation_code']}"
    yield "\n    Ctrl-C stops everything."


def main(arguments, lines):
    settings = dict(argument.split("=", 1) for argument in arguments)
    cluster = described(settings, lines)
    if settings["json"] == "yes":
        print(json.dumps(cluster, ensure_ascii=False), flush=True)
    else:
        print("\n".join(words(cluster)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:], sys.stdin)
