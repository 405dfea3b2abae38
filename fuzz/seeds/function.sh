#!/bin/bash
setup() {
  local env=${1:-base}
  conda activate "$env" &> /dev/null || return 1
}
setup tf
python t.py
