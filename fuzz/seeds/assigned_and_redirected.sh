conda activate
N= >g
conda env create
e:
$C
OLD=1 > log
module load gcc # for b
