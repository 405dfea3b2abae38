"""What sbatch understands of a script's header; the only door to sbatch, which submits nothing (`--test-only`)."""

import subprocess
from shutil import which

# Eight lines are all that it needs to parse a script: it fails only when it looks for a controller.
OFFLINE = """\
ClusterName=offline
SlurmctldHost=localhost
AuthType=auth/none
CredType=cred/none
NodeName=localhost
PartitionName=all Nodes=ALL Default=YES
"""
MISSING = "" if which("sbatch") else "needs sbatch (Debian: slurm-client)"


def understood(script, folder):
    """The options as sbatch prints them, by name; None where it refuses the script. `folder` is for its files."""
    (folder / "slurm.conf").write_text(OFFLINE)
    path = folder / "submitted.sh"
    path.write_bytes(script)
    command = ["sbatch", "-v", "--test-only", str(path)]
    environment = {"PATH": "/usr/bin:/bin", "SLURM_CONF": str(folder / "slurm.conf")}
    found = {}
    with subprocess.Popen(command, env=environment, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stderr:
            if "end of defined options" in line:
                process.kill()  # it goes on to look for a controller, for 18 seconds
                return found
            name, colon, value = line.removeprefix("sbatch: ").partition(" : ")
            if colon and name.strip() not in ("test-only", "verbose"):
                found[name.strip()] = value.strip()
    return None
