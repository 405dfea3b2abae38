family("compiler")
setenv("EBVERSIONGCC", "12.3")
prepend_path("MODULEPATH", "@SOFTWARE@/modules/Compiler/gcc12")
