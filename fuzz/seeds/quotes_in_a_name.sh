#!/bin/bash
expTH
conda activate 'az"#!/bin/bash
module load Analonda3/2024.02-1 cua3/2024.02-1 uda
. activate a
activate b
micro0amba aconda create -y -n b"$'cpfor