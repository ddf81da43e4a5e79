#!/usr/bin/env python3
"""Private PostgreSQL (PostGIS) and Redis of this checkout, under var/.

    ops/services.py start    create what is missing, start what is not running, write var/env
    ops/services.py stop     stop both
    ops/services.py status   say what runs

Standard library only: it runs before anything is installed. PostgreSQL refuses to run as root, so as root the cluster
belongs to the `postgres` system user, and when that user can't reach var/ (a checkout below /root, say) the cluster
lies in /var/lib/hansom-<hash of the checkout> and var/postgres is a link to it. Both servers listen on loopback only,
on free ports chosen once; a server that is already on the machine is never touched.
"""

import argparse
import contextlib
import hashlib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("HANSOM_VAR", ROOT / "var"))
ENV_FILE = VAR / "env"
AS_ROOT = os.geteuid() == 0


def log(text: str) -> None:
    print(f"[services] {text}", flush=True)


def free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise SystemExit("no free port on loopback")


def read_env() -> dict[str, str]:
    if not ENV_FILE.exists():
        return {}
    pairs = (line.partition("=") for line in ENV_FILE.read_text().splitlines() if line and not line.startswith("#"))
    return {key: value for key, _, value in pairs}


def ensure_env() -> dict[str, str]:
    """Ports and secrets of this checkout, generated on first use and kept in var/env (mode 600)."""
    VAR.mkdir(exist_ok=True)
    env = read_env()
    if {"HANSOM_DB_PORT", "HANSOM_REDIS_URL", "HANSOM_WEB_PORT", "HANSOM_WS_PORT"} <= env.keys():
        return env
    env = {
        "HANSOM_DB_PORT": str(free_port(55432)),
        "HANSOM_DB_USER": "hansom",
        "HANSOM_DB_PASSWORD": secrets.token_urlsafe(24),
        "HANSOM_DB_NAME": "hansom",
        "HANSOM_REDIS_URL": f"redis://127.0.0.1:{free_port(56379)}/0",
        "HANSOM_WEB_PORT": str(free_port(8000)),
        "HANSOM_WS_PORT": str(free_port(8001)),
        "HANSOM_SECRET_KEY": secrets.token_urlsafe(48),
    } | env
    text = "# Written by ops/services.py for this checkout. Delete var/ to start anew.\n"
    ENV_FILE.touch(mode=0o600)
    ENV_FILE.write_text(text + "".join(f"{key}={value}\n" for key, value in env.items()))
    return env


def pg_bin(name: str) -> str:
    """Path of a PostgreSQL program; Debian keeps the servers' own out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    path = str(found[-1]) if found else shutil.which(name)
    if not path:
        raise SystemExit(f"{name} not found: run `make setup` first (it installs PostgreSQL)")
    return path


def as_postgres(*command: str) -> subprocess.CompletedProcess[str]:
    prefix = ["runuser", "-u", "postgres", "--"] if AS_ROOT else []
    done = subprocess.run([*prefix, *command], capture_output=True, text=True, cwd="/", check=False)
    if done.returncode:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}{done.stderr}")
    return done


def reachable_by_postgres(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in [path, *path.parents])


def data_directory() -> Path:
    link = VAR / "postgres"
    if link.exists() or not AS_ROOT or reachable_by_postgres(VAR):
        return link.resolve()
    place = Path("/var/lib") / f"hansom-{hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]}"
    log(f"the postgres user can't reach {VAR}; the database lies in {place}")
    place.mkdir(exist_ok=True)
    link.symlink_to(place)
    return place


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def await_port(port: int, what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not accepts(port):
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not open port {port} in {seconds:.0f} s; see var/log")
        time.sleep(0.05)


def init_cluster(data: Path, env: dict[str, str]) -> None:
    data.mkdir(exist_ok=True)
    if AS_ROOT:
        owner = pwd.getpwnam("postgres")
        os.chown(data, owner.pw_uid, owner.pw_gid)
    data.chmod(0o700)
    log("creating the PostgreSQL cluster")
    as_postgres(
        pg_bin("initdb"), "-D", str(data), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
        "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync",
    )  # fmt: skip
    conf = f"""
listen_addresses = '127.0.0.1'
port = {env["HANSOM_DB_PORT"]}
unix_socket_directories = '{data}'
max_connections = 200
shared_buffers = 256MB
work_mem = 16MB
max_locks_per_transaction = 256
timezone = 'UTC'
log_timezone = 'UTC'
jit = off
"""
    subprocess.run(["tee", "-a", str(data / "postgresql.conf")], input=conf, text=True, check=True, capture_output=True)


def psql(data: Path, port: str, sql: str, database: str = "postgres") -> str:
    done = as_postgres(
        pg_bin("psql"), "-h", str(data), "-p", port, "-U", "postgres", "-d", database,
        "-qAt", "-v", "ON_ERROR_STOP=1", "-c", sql,
    )  # fmt: skip
    return done.stdout.strip()


def start_postgres(env: dict[str, str]) -> None:
    port, data = env["HANSOM_DB_PORT"], data_directory()
    if not (data / "PG_VERSION").exists():
        init_cluster(data, env)
    if not accepts(int(port)):
        as_postgres(pg_bin("pg_ctl"), "-D", str(data), "-l", str(data / "server.log"), "-w", "-t", "60", "start")
        log(f"PostgreSQL on 127.0.0.1:{port}")
    user, password, name = env["HANSOM_DB_USER"], env["HANSOM_DB_PASSWORD"], env["HANSOM_DB_NAME"]
    if not psql(data, port, f"SELECT 1 FROM pg_roles WHERE rolname = '{user}'"):  # noqa: S608 (own values)
        # Superuser of its own private cluster: tests create databases and extensions.
        psql(data, port, f"CREATE ROLE {user} LOGIN SUPERUSER PASSWORD '{password}'")
    if not psql(data, port, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):  # noqa: S608
        psql(data, port, f"CREATE DATABASE {name} OWNER {user}")
        psql(data, port, "CREATE EXTENSION IF NOT EXISTS postgis", name)


def start_redis(env: dict[str, str]) -> None:
    port = int(env["HANSOM_REDIS_URL"].rsplit(":", 1)[1].split("/")[0])
    if accepts(port):
        return
    home = VAR / "redis"
    home.mkdir(exist_ok=True)
    subprocess.run(
        [
            "redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--daemonize", "yes",
            "--pidfile", str(home / "redis.pid"), "--logfile", str(home / "redis.log"),
            "--save", "", "--databases", "64",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    await_port(port, "Redis")
    log(f"Redis on 127.0.0.1:{port}")


def stop_redis() -> None:
    pid_file = VAR / "redis" / "redis.pid"
    if not pid_file.exists():
        return
    with contextlib.suppress(ProcessLookupError, ValueError):
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
        log("Redis stopped")
    pid_file.unlink(missing_ok=True)


def stop_postgres() -> None:
    data = (VAR / "postgres").resolve()
    if (data / "postmaster.pid").exists():
        as_postgres(pg_bin("pg_ctl"), "-D", str(data), "-m", "fast", "-w", "stop")
        log("PostgreSQL stopped")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=["start", "stop", "status"])
    verb = parser.parse_args().verb
    if verb == "stop":
        stop_redis()
        stop_postgres()
        return
    env = ensure_env()
    if verb == "start":
        start_postgres(env)
        start_redis(env)
        return
    redis_port = int(env["HANSOM_REDIS_URL"].rsplit(":", 1)[1].split("/")[0])
    for name, port in (("PostgreSQL", int(env["HANSOM_DB_PORT"])), ("Redis", redis_port)):
        log(f"{name}: {'running' if accepts(port) else 'stopped'} (127.0.0.1:{port})")


if __name__ == "__main__":
    main()
