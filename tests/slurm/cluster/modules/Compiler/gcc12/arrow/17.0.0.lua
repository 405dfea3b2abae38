-- a stand-in package that has only a name and a version
setenv("EBROOTARROW", "@SOFTWARE@/arrow/17.0.0")
prepend_path("EBPYTHONPREFIXES", "@SOFTWARE@/arrow/17.0.0")
