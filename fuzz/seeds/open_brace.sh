#!/bin/bash
setup() {
  local $(v=A{1:-ћs"$nev" &> /d in u'll || conda acal env=${{1:-bas$'
  conda activate "$nev" &> /d in u'll || conda acal env=${2:-ЭЭЭЭЭЭЭЭЭЭЭЭЭЭЭ#""bativate.py
