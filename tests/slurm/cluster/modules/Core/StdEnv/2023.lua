add_property("lmod", "sticky")
load("gcc/12.3")
setenv("PIP_CONFIG_FILE", "@SOFTWARE@/pip.conf")
prepend_path("PYTHONPATH", "@SOFTWARE@/site")
-- the Alliance's CCconfig module: TMPDIR follows SLURM_TMPDIR inside a job
if os.getenv("SLURM_TMPDIR") and (not os.getenv("TMPDIR") or os.getenv("TMPDIR") == "/tmp") then
  setenv("TMPDIR", os.getenv("SLURM_TMPDIR"))
end
