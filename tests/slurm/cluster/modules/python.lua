family("python")
local root = "@SOFTWARE@/python/@VERSION@"
prepend_path("PATH", pathJoin(root, "bin"))
setenv("EBROOTPYTHON", root)
setenv("EBVERSIONPYTHON", "@VERSION@")
