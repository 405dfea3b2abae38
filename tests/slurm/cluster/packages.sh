#!/bin/bash
# Installs Debian's or Ubuntu's Slurm, Lmod and munge where they are missing, without starting a daemon of theirs.
#   packages.sh LOG
set -euo pipefail
log=$1
packages="slurmctld slurmd slurm-client munge lmod iproute2"

complete() {
    command -v slurmctld slurmd sbatch munged ip >/dev/null && [ -r /usr/share/lmod/lmod/init/bash ]
}

install() {
    # the machine may be installing something of its own: wait for apt's lock
    apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $packages
}

complete && exit 0
export DEBIAN_FRONTEND=noninteractive
# the packages' own scripts would start system-wide daemons: a policy says no, unless the machine has a policy already
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' > $policy
    chmod +x $policy
    trap 'rm -f $policy' EXIT
fi
{
    # package lists may be absent, or older than the archive
    install || { apt-get update && install; }
} </dev/null >"$log" 2>&1
