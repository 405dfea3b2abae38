conda activate foo
conda run -nfoo [|o
