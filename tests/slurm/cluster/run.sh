#!/bin/bash
# Runs a Slurm cluster of three nodes, for as long as this script's standard input stays open.
#   unshare --mount --uts --net --pid --fork --kill-child --mount-proc run.sh FOLDER SOFTWARE
# In namespaces of its own: the only network is its own loopback, so that it cannot meet a Slurm that is already here
# and no job reaches the internet; no mount of it is seen outside; and every process of it ends when this script ends.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
root=$1
software=$2
nodes="node1 node2 node3"
cd / # the daemons must stand where every node can: each has a /tmp of its own

fill() { sed -e "s|@ROOT@|$root|g" -e "s|@SOFTWARE@|$software|g" "$1"; }

configure() {
    local file gpu node
    mkdir -p "$root"/{etc,log,state,spool,dev,home,localscratch}
    chmod 755 "$root"
    for file in "$here"/etc/*; do fill "$file" > "$root/etc/${file##*/}"; done
    chmod +x "$root"/etc/{prolog,epilog,taskprolog}
    for gpu in {0..7}; do ln -s /dev/null "$root/dev/gpu$gpu"; done
    for node in $nodes; do mkdir -p "$root/spool/$node" "$root/nodes/$node"/{tmp,localscratch}; done
    head -c 128 /dev/urandom > "$root/munge.key"
    chmod 600 "$root/munge.key"
}

# What all nodes and the login node see.
isolate() {
    hostname ctl
    ip link set lo up
    # glibc resolves no name at all (AI_ADDRCONFIG) where 127.0.0.1 is the only address
    ip address add 192.0.2.1/32 dev lo
    mount --bind "$root/etc/hosts" /etc/hosts
    mount --bind "$root/etc/profile.sh" /etc/profile.d/lmod.sh
    mount --bind "$software" "$software"
    mount -o remount,bind,ro "$software"                       # as CVMFS
    if [ "$(readlink -f /bin/sh)" = /usr/bin/dash ]; then
        mount --bind /usr/bin/bash /usr/bin/dash               # sh is bash on the clusters
    fi
}

start_node() {
    unshare --mount --uts bash -c '
        set -e
        hostname "$1"
        mount --bind "$2/nodes/$1/localscratch" "$2/localscratch"
        mount --bind "$2/nodes/$1/tmp" /tmp
        exec slurmd -D -N "$1" -f "$2/etc/slurm.conf"' - "$1" "$root" </dev/null >"$root/log/$1.out" 2>&1 &
}

all_idle() {
    [ "$(timeout 60 sinfo --noheader --Node --states=idle --format=%N 2>/dev/null | sort -u | wc -l)" = "$(wc -w <<<"$nodes")" ]
}

wait_until() {
    local end=$((SECONDS + 300)) # a guard against hanging, no measure of anything
    while ((SECONDS < end)); do
        if "$@"; then return; fi
        sleep 0.1
    done
    echo "the cluster did not come up: $*" >&2
    tail -n 5 "$root"/log/* >&2
    exit 1
}

configure
isolate
export SLURM_CONF=$root/etc/slurm.conf
munged --foreground --force --key-file="$root/munge.key" --socket="$root/munge.socket" --pid-file="$root/munged.pid" \
    --seed-file="$root/munge.seed" --log-file="$root/log/munged.log" </dev/null >"$root/log/munged.out" 2>&1 &
wait_until test -S "$root/munge.socket"
slurmctld -D -f "$SLURM_CONF" </dev/null >"$root/log/slurmctld.out" 2>&1 &
for node in $nodes; do start_node "$node"; done
wait_until all_idle
echo ready
cat >/dev/null                                                 # until the other end is gone, however it went
kill -KILL $(jobs -p)
rm -rf "$root"
