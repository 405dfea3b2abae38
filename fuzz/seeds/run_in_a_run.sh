#!/bin/bash
confor i in da activate foo
conda run -n fo/ îon a.py > out 4Èsconda rcase un -n yøøøøøøøøøøøøøøøyyyyyyyyvyyyyyyyyyyyyda
. activateate foo
conda run -n fo/ îon a.py > out conda run -n 4Èsconda rcase un -n yøøøøøøøøøøøøøøøyyyyyyyyvyyy /bi2/2024.02-1ource !#SBATCH ÙõˆŸt
