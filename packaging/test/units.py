#!/usr/bin/env python3
"""units.py ROOT LOGS: stands in for systemd in a folder that holds an installed system.

Its units are started as they say themselves: user, groups, directories, environment, limits, mask, notification, the sandbox's
read-only file system, system calls and capabilities. What 'systemctl' in ROOT is asked comes by a pair of FIFOs; the answer
is the exit code, a line break, and what is to be printed.
"""
import ctypes
import glob
import os
import resource
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time

try:
    import seccomp
except ImportError:
    seccomp = None

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNS, MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 1, 32, 4096, 16384, 1 << 18
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, LAST_CAPABILITY = 38, 24, 40
SHIM = """#!/bin/sh
exec 9>/run/systemd/lock
flock -w 300 9 || exit 1
exec timeout 150 sh -c 'echo "$*" >/run/systemd/ask
{ IFS= read -r code; cat; } </run/systemd/answer
exit "${code:-1}"' ask "$@"
"""


class Unit:
    """What a unit file says, and the process that came of it."""

    def __init__(self, root, name):
        self.root, self.name, self.values, self.process, self.pid, self.said = root, name, {}, None, None, set()
        paths = [f"{root}/{folder}/systemd/system/{name}" for folder in ("etc", "lib", "usr/lib")]
        self.path = next((path for path in paths if os.path.isfile(path)), None)
        for path in [self.path, *sorted(glob.glob(f"{root}/etc/systemd/system/{name}.d/*.conf"))]:
            if path:
                self.read(path)

    def read(self, path):
        """An empty value forgets what was said before, as systemd has it."""
        with open(path, encoding="utf-8") as file:
            for line in (each.strip() for each in file):
                if "=" in line and line[0] not in "#;[":
                    key, value = line.split("=", 1)
                    self.values.setdefault(key, []).append(value)

    def all(self, key):
        return self.values.get(key, [])

    def one(self, key, default=""):
        return self.all(key)[-1] if self.all(key) else default

    def words(self, key):
        return [word for value in self.all(key) for word in shlex.split(value)]

    def is_running(self):
        if self.process and self.process.poll() is not None and self.one("Type") != "forking":
            return False
        return bool(self.pid) and os.path.exists(f"/proc/{self.pid}") and state(self.pid) != "Z"

    def environment(self):
        values = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        values.update(word.split("=", 1) for word in self.words("Environment"))
        for pattern in self.all("EnvironmentFile"):
            for path in glob.glob(self.root + pattern.lstrip("-")):
                with open(path, encoding="utf-8") as file:
                    values.update(line.strip().split("=", 1) for line in file if "=" in line and line[0] != "#")
        if self.one("Type") == "notify":
            values["NOTIFY_SOCKET"] = "/run/systemd/notify"
        if self.one("WatchdogSec"):
            values["WATCHDOG_USEC"] = str(int(self.one("WatchdogSec")) * 1_000_000)
        return values

    def identity(self):
        """User, group and further groups as the root's own files name them."""
        name = self.one("User", "root")
        users = table(self.root, "passwd")
        groups = table(self.root, "group")
        user = users[name]
        group = int(groups[self.one("Group")][2]) if self.one("Group") else int(user[3])
        more = [int(each[2]) for each in groups.values() if name in each[3].split(",")]
        more += [int(groups[each][2]) for each in self.words("SupplementaryGroups")]
        return int(user[2]), group, sorted({group, *more})

    def folders(self):
        """Makes the directories of the unit, and its credentials; what the service may write to."""
        user, group, _ = self.identity()
        made = []
        for kind, below in (("Runtime", "/run"), ("State", "/var/lib")):
            for name in self.words(kind + "Directory"):
                path = f"{self.root}{below}/{name}"
                os.makedirs(path, exist_ok=True)
                os.chown(path, user, group)
                os.chmod(path, int(self.one(kind + "DirectoryMode", "0755"), 8))
                made.append(f"{below}/{name}")
        for pair in self.all("LoadCredential"):
            name, path = pair.split(":")
            folder = f"{self.root}/run/credentials/{self.name}"
            os.makedirs(folder, exist_ok=True)
            shutil.copy(self.root + path, f"{folder}/{name}")
            for each in (folder, f"{folder}/{name}"):
                os.chown(each, user, group)
                os.chmod(each, 0o500)
        return made

    def command(self, environment):
        words = shlex.split(self.one("ExecStart"))
        return [environment.get(word[1:], "") if word.startswith("$") else word for word in words]


def state(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def table(root, name):
    with open(f"{root}/etc/{name}", encoding="utf-8") as file:
        return {line.split(":")[0]: line.rstrip("\n").split(":") for line in file}


def mount(source, target, flags, kind=None):
    encoded = kind.encode() if kind else None
    if LIBC.mount(source.encode(), target.encode(), encoded, ctypes.c_ulong(flags), None):
        raise OSError(ctypes.get_errno(), f"mount {target}")


def close_off(root, writable, hidden):
    """ProtectSystem=strict: all is read-only but what the unit owns; and a /tmp of its own."""
    if LIBC.unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "unshare")
    mount("none", "/", MS_REC | MS_PRIVATE)
    mount(root, root, MS_BIND | MS_REC)
    for each in writable:
        mount(root + each, root + each, MS_BIND)
    mount(root, root, MS_BIND | MS_REMOUNT | MS_RDONLY)
    mount("tmpfs", root + "/tmp", 0, "tmpfs")
    for each in hidden:
        if os.path.isdir(root + each):
            mount("tmpfs", root + each, 0, "tmpfs")
            os.chmod(root + each, 0)


def calls_of(words):
    """The names that a SystemCallFilter= line means."""
    names = set()
    for word in words:
        if not word.startswith("@"):
            names.add(word)
            continue
        listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", word],
                                capture_output=True, text=True, check=True).stdout
        for line in listed.splitlines()[1:]:
            entry = line.split("#")[0].strip()
            if entry.startswith("@"):
                names |= calls_of([entry])
            elif entry:
                names.add(entry)
    return names


def allowed_calls(unit):
    allowed = set()
    for value in unit.all("SystemCallFilter"):
        if value.startswith("~"):
            allowed -= calls_of(value[1:].split())
        else:
            allowed |= calls_of(value.split())
    # systemd always lets these through.
    return allowed | calls_of(["@default"]) | {"execve"} if allowed else allowed


def restrict(unit):
    for capability in range(LAST_CAPABILITY + 1) if unit.all("CapabilityBoundingSet") == [""] else ():
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    if unit.one("NoNewPrivileges") == "yes":
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def filter_of(calls):
    if not calls or seccomp is None:
        return None
    rules = seccomp.SyscallFilter(seccomp.ERRNO(1))
    for name in calls:
        try:
            rules.add_rule(seccomp.ALLOW, name)
        except RuntimeError:
            pass  # not on this architecture
    return rules


class Units:
    """Starts, stops and answers for the units of one root."""

    def __init__(self, root, logs):
        self.root, self.logs, self.units = root, logs, {}
        os.makedirs(f"{root}/run/systemd/system", exist_ok=True)
        with open(f"{root}/usr/bin/systemctl", "w", encoding="utf-8") as file:
            file.write(SHIM)
        os.chmod(f"{root}/usr/bin/systemctl", 0o755)
        for name in ("ask", "answer"):
            os.mkfifo(f"{root}/run/systemd/{name}")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        # The path from here may be longer than an address holds.
        os.chdir(f"{root}/run/systemd")
        self.notify.bind("notify")
        os.chmod("notify", 0o666)
        os.chdir("/")
        self.notify.settimeout(0.1)

    def unit(self, name):
        name = name if "." in name else name + ".service"
        known = self.units.get(name)
        if not known or not known.is_running():
            known = self.units[name] = Unit(self.root, name)
        return known

    def start(self, unit):
        if unit.is_running():
            return 0
        if not unit.path:
            return 5
        environment, writable = unit.environment(), unit.folders()
        user, group, groups = unit.identity()
        rules = filter_of(allowed_calls(unit))
        hidden = [each.lstrip("-") for each in unit.words("InaccessiblePaths")]
        limits = [(resource.RLIMIT_NOFILE, unit.one("LimitNOFILE")), (resource.RLIMIT_CORE, unit.one("LimitCORE"))]

        def become():
            os.setsid()
            if unit.one("ProtectSystem") == "strict":
                close_off(self.root, writable, hidden)
            os.chroot(self.root)
            os.chdir(unit.one("WorkingDirectory", "/"))
            os.umask(int(unit.one("UMask", "0022"), 8))
            for what, value in limits:
                if value:
                    # This machine may let nobody have more than it has itself.
                    most = resource.getrlimit(what)[1]
                    value = int(value) if most == resource.RLIM_INFINITY else min(int(value), most)
                    resource.setrlimit(what, (value, value))
            restrict(unit)
            os.setgroups(groups)
            os.setgid(group)
            os.setuid(user)
            if rules:
                rules.load()

        with open(f"{self.logs}/{unit.name}.log", "ab") as log:
            unit.process = subprocess.Popen(unit.command(environment), env=environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=become)
        unit.pid = unit.process.pid
        return self.await_start(unit)

    def await_start(self, unit):
        kind, until = unit.one("Type", "simple"), time.monotonic() + int(unit.one("TimeoutStartSec", "90"))
        if kind == "forking":
            code = unit.process.wait()
            path = self.root + unit.one("PIDFile")
            while code == 0 and not os.path.exists(path) and time.monotonic() < until:
                time.sleep(0.1)
            with open(path, encoding="utf-8") as file:
                unit.pid = int(file.read())
            return code
        while kind == "notify" and "READY=1" not in unit.said:
            self.listen(unit)
            if unit.process.poll() is not None or time.monotonic() > until:
                return 1
        return 0

    def listen(self, unit):
        try:
            unit.said |= set(self.notify.recv(4096).decode().splitlines())
        except TimeoutError:
            pass

    def stop(self, unit):
        if not unit.is_running():
            return 0
        os.kill(unit.pid, signal.SIGTERM)
        until = time.monotonic() + int(unit.one("TimeoutStopSec", "90"))
        while unit.is_running():
            if time.monotonic() > until:
                os.kill(unit.pid, signal.SIGKILL)
                return 1
            self.listen(unit)
        return 0

    def forget(self, unit):
        """What systemd removes with a service that is stopped and not started again."""
        for name in unit.words("RuntimeDirectory"):
            shutil.rmtree(f"{self.root}/run/{name}", ignore_errors=True)
        shutil.rmtree(f"{self.root}/run/credentials/{unit.name}", ignore_errors=True)

    def enable(self, unit):
        for wanted in unit.words("WantedBy"):
            link = f"{self.root}/etc/systemd/system/{wanted}.wants/{unit.name}"
            os.makedirs(os.path.dirname(link), exist_ok=True)
            if not os.path.lexists(link):
                os.symlink(unit.path.removeprefix(self.root), link)

    def disable(self, unit):
        for link in glob.glob(f"{self.root}/etc/systemd/system/*.wants/{unit.name}"):
            os.unlink(link)

    def is_enabled(self, name):
        name = name if "." in name else name + ".service"
        return bool(glob.glob(f"{self.root}/etc/systemd/system/*.wants/{name}"))

    def answer(self, words):
        is_now = "--now" in words
        words = [word for word in words if not word.startswith("-")]
        verb, names = (words[0], words[1:]) if words else ("", [])
        if verb == "is-enabled":
            return (0, "enabled") if self.is_enabled(names[0]) else (1, "disabled")
        code, lines = 0, []
        for unit in [self.unit(name) for name in names]:
            was_running = unit.is_running()
            if verb == "is-active":
                code = max(code, 0 if was_running else 3)
            elif verb == "pid":
                lines.append(str(unit.pid if was_running else 0))
            elif verb == "said":
                self.listen(unit)
                lines.append(" ".join(sorted(unit.said)))
            elif verb == "preset":
                self.enable(unit)
            elif verb == "reload":
                os.kill(unit.pid, signal.SIGHUP)
            elif verb == "disable":
                self.disable(unit)
            if verb in ("stop", "restart", "try-restart") or verb == "disable" and is_now:
                code = max(code, self.stop(unit))
            if verb in ("stop", "disable") and not unit.is_running():
                self.forget(unit)
            if verb == "start" or verb == "restart" or verb == "try-restart" and was_running:
                code = max(code, self.start(self.unit(unit.name)))
        return code, "\n".join(lines)

    def serve(self):
        while True:
            with open(f"{self.root}/run/systemd/ask", encoding="utf-8") as file:
                asked = file.read().split()
            if asked == ["exit"]:
                for unit in self.units.values():
                    self.stop(unit)
            try:
                code, text = self.answer(asked)
            except (OSError, KeyError, ValueError, subprocess.SubprocessError) as error:
                code, text = 1, f"units.py: {error}"
                print(text, asked, file=sys.stderr, flush=True)
            with open(f"{self.root}/run/systemd/answer", "w", encoding="utf-8") as file:
                file.write(f"{code}\n{text}" + ("\n" if text else ""))
            if asked == ["exit"]:
                return


Units(os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])).serve()
