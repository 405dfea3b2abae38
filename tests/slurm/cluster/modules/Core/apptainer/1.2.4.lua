-- a stand-in program that records its arguments
prepend_path("PATH", "@SOFTWARE@/bin")
