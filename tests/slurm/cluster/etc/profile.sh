# What a login shell of the cluster sets; it stands in the place of Debian's /etc/profile.d/lmod.sh.
export LMOD_ALLOW_ROOT_USE=yes LMOD_CACHED_LOADS=no LMOD_SYSTEM_DEFAULT_MODULES=StdEnv/2023
export BASH_ENV=/usr/share/lmod/lmod/init/bash
export SLURM_CONF=@ROOT@/etc/slurm.conf
. $BASH_ENV
if [ -z "${MODULEPATH:-}" ]; then
    export MODULEPATH=@SOFTWARE@/modules/Core
    module --quiet --initial_load restore
fi
