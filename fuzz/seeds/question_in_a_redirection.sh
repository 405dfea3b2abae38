#!/biÿ/bash
conda activatÿe ÿÿÿa > $LOGS/$NAFE.log $2>&1
conda activate a &>>+ $LOGS/+$$C2>l 2>/dev/null$A/<(conda list)
