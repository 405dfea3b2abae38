family("cuda")
setenv("CUDA_HOME", "@SOFTWARE@/cuda/12.2")
