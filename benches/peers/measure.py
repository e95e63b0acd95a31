#!/usr/bin/env python3
"""Measures yusuan beside the tools that people use today, on the same files in the same run.

    cargo build --release --bin yusuan --example floor
    python3 benches/peers/measure.py [--sizes 1,10,100] [--limit 300] [--without-install] [-o FILE]

Makes a filing with 34, 340 and 3,400 project tables (from the real filings in YUSUAN_FILINGS, else
from a bundled one) as docx and text, installs the peers into target/peers (python-docx, openpyxl,
markitdown, pandoc; LibreOffice only if it is there), and prints a table in Markdown: wall time,
processor time and peak memory, the best of several runs. A tool that fails at a size, or takes
longer than the limit, is not tried at the next.
"""

import argparse
import os
import pathlib
import platform
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
PEERS = ROOT / "target" / "peers"


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1,10,100")
    parser.add_argument("--limit", type=float, default=300, help="seconds for one run")
    parser.add_argument("--without-install", action="store_true", help="measure what is there already")
    parser.add_argument("--profile", default="release", help="folder of the programs below target/")
    parser.add_argument("-o", "--output", help="write the table to a file as well")
    return parser.parse_args()


def install():
    python = PEERS / "bin" / "python3"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEERS], check=True)
    for packages in (["python-docx", "openpyxl"], ["markitdown[docx]"], ["pypandoc_binary"]):
        done = subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *packages])
        if done.returncode:
            print("not installed:", *packages, file=sys.stderr)


def pandoc():
    found = shutil.which("pandoc")
    return found or next((str(path) for path in PEERS.glob("lib/*/site-packages/pypandoc/files/pandoc")), None)


def run(command, limit, folder):
    """Wall seconds, processor seconds, peak MiB; None when it fails or takes too long."""
    child = os.fork()
    if child == 0:
        os.setsid()
        os.chdir(folder)
        quiet = os.open(os.devnull, os.O_RDWR)
        for fd in (0, 1, 2):
            os.dup2(quiet, fd)
        try:
            # A child begins with the memory of this script; a shell between has little.
            os.execvp("/bin/sh", ["/bin/sh", "-c", '"$@"; exit $?', "sh", *map(str, command)])
        finally:
            os._exit(127)
    begun = time.perf_counter()
    deadline = begun + limit
    while True:
        pid, status, usage = os.wait4(child, os.WNOHANG)
        now = time.perf_counter()
        if pid:
            break
        if now > deadline:
            os.killpg(child, signal.SIGKILL)
            os.wait4(child, 0)
            return None, f"> {limit:.0f} s"
        time.sleep(0.0005 if now - begun < 1 else 0.01)
    if status:
        return None, "failed"
    return (now - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), ""


def best(command, limit, folder):
    first, why = run(command, limit, folder)
    if first is None:
        return None, why
    runs = [first]
    for _ in range(min(20, int(6 / max(first[0], 0.01)))):
        more, _ = run(command, limit, folder)
        if more:
            runs.append(more)
    return tuple(min(values) for values in zip(*runs)), ""


def tools(programs, folder):
    """Group, name, and the command for a size."""
    yusuan, floor = programs / "yusuan", programs / "examples" / "floor"
    python = PEERS / "bin" / "python3"
    script = HERE / "python_docx.py"
    quiet = ["--force", "--quiet"]
    yield "docx → xlsx", "floor", lambda size: [floor, f"x{size}.docx", "floor.xlsx"]
    yield "docx → xlsx", "yusuan", lambda size: [yusuan, "convert", f"x{size}.docx", "-o", "y.xlsx", *quiet]
    yield "docx → xlsx", "yusuan, one core", lambda size: [
        "taskset", "-c", "0", yusuan, "convert", f"x{size}.docx", "-o", "y.xlsx", *quiet]
    yield "docx → xlsx", "floor, one core", lambda size: ["taskset", "-c", "0", floor, f"x{size}.docx", "floor.xlsx"]
    if python.exists():
        yield "docx → xlsx", "python-docx + openpyxl", lambda size: [python, script, f"x{size}.docx", "p.xlsx"]
    if (folder / "saved").exists():
        task = "docx as LibreOffice saves it → xlsx, one core"
        one = ["taskset", "-c", "0"]
        yield task, "floor", lambda size: [*one, floor, f"saved/x{size}.docx", "floor.xlsx"]
        yield task, "yusuan", lambda size: [*one, yusuan, "convert", f"saved/x{size}.docx", "-o", "y.xlsx", *quiet]
        if python.exists():
            yield task, "python-docx + openpyxl", lambda size: [*one, python, script, f"saved/x{size}.docx", "p.xlsx"]
    yield "text → xlsx", "yusuan", lambda size: [yusuan, "convert", f"x{size}.txt", "-o", "t.xlsx", *quiet]
    yield "reading docx alone", "yusuan (to JSON)", lambda size: [
        yusuan, "convert", f"x{size}.docx", "-o", "y.json", *quiet]
    yield "reading docx alone", "yusuan (reader only)", lambda size: [floor, "read", f"x{size}.docx"]
    if python.exists():
        yield "reading docx alone", "python-docx", lambda size: [python, script, f"x{size}.docx", "--read"]
    if pandoc():
        yield "docx → Markdown", "pandoc", lambda size: [
            pandoc(), f"x{size}.docx", "-t", "markdown", "-o", "pandoc.md", "+RTS", "-M6g", "-RTS"]
    markitdown = PEERS / "bin" / "markitdown"
    if markitdown.exists():
        yield "docx → Markdown", "markitdown", lambda size: [markitdown, f"x{size}.docx", "-o", "markitdown.md"]
    if shutil.which("soffice"):
        profile = f"-env:UserInstallation=file://{folder}/profile"
        yield "docx → text", "LibreOffice", lambda size: [
            "soffice", profile, "--headless", "--convert-to", "txt:Text", "--outdir", folder / "office", f"x{size}.docx"]


def save_again(folder, sizes):
    """The same filings as a word processor saves them: twice the XML for the same tables."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    for size in sizes:
        subprocess.run(
            ["soffice", profile, "--headless", "--convert-to", "docx", "--outdir", folder / "saved", folder / f"x{size}.docx"],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def batch(programs, folder, limit):
    """Twelve filings of size ×10 with one job and with two."""
    inputs = folder / "batch"
    inputs.mkdir()
    for index in range(12):
        shutil.copy(folder / "x10.docx", inputs / f"{index}.docx")
    times = []
    for jobs in (1, 2):
        command = [programs / "yusuan", "convert", inputs, "-o", folder / f"out{jobs}", "--quiet", "--jobs", jobs]
        seconds = []
        for _ in range(3):
            shutil.rmtree(folder / f"out{jobs}", ignore_errors=True)
            measured, _ = run(command, limit, folder)
            seconds.append(measured[0] if measured else float("nan"))
        times.append(min(seconds))
    return times


def main():
    chosen = options()
    if not chosen.without_install:
        install()
    programs = ROOT / "target" / chosen.profile
    sizes = [int(size) for size in chosen.sizes.split(",")]
    lines = []
    with tempfile.TemporaryDirectory(prefix="yusuan-peers-") as name:
        folder = pathlib.Path(name)
        subprocess.run([programs / "examples" / "floor", "make", folder], check=True, cwd=ROOT)
        cpu = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
        lines.append(f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.release()}")
        for size in sizes:
            parts = zipfile.ZipFile(folder / f"x{size}.docx").infolist()
            inflated = sum(part.file_size for part in parts) / 1e6
            lines.append(f"×{size}: {34 * size} project tables, {inflated:.1f} MB of parts")
        if shutil.which("soffice"):
            save_again(folder, sizes)
        head = "".join(f" ×{size} wall | ×{size} processor | ×{size} memory |" for size in sizes)
        lines += ["", f"| task | tool |{head}", "|---|---|" + "--:|--:|--:|" * len(sizes)]
        for line in lines:
            print(line)
        for task, tool, command in tools(programs, folder):
            row, given_up = f"| {task} | {tool} |", ""
            for size in sizes:
                measured, why = (None, given_up) if given_up else best(command(size), chosen.limit, folder)
                given_up = why
                if measured:
                    wall, processor, memory = measured
                    row += f" {wall:.3f} s | {processor:.3f} s | {memory:.0f} MiB |"
                else:
                    row += f" {why} | | |"
            lines.append(row)
            print(row, flush=True)
        if 10 in sizes:
            one, two = batch(programs, folder, chosen.limit)
            line = f"\nbatch of 12 filings ×10: --jobs 1 {one:.2f} s, --jobs 2 {two:.2f} s, {one / two:.2f} times"
            lines.append(line)
            print(line)
        for command in (["--version"], ["forms", "list"]):
            measured, _ = best([programs / "yusuan", *command], chosen.limit, folder)
            line = f"yusuan {' '.join(command)}: {measured[0] * 1000:.1f} ms, {measured[2]:.0f} MiB"
            lines.append(line)
            print(line)
    if chosen.output:
        pathlib.Path(chosen.output).write_text("\n".join(lines) + "\n")


main()
