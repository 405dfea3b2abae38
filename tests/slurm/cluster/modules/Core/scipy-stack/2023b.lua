if not isloaded("python") then load("python/3.11.5") end
prepend_path("EBPYTHONPREFIXES", "@SOFTWARE@/scipy-stack/2023b")
