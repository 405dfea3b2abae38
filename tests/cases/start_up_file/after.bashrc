export EDITOR=vi
alias ll='ls -l'

export PATH="$HOME/bin:$PATH"
