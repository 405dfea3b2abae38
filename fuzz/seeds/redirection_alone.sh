#!/bin/bash
a | b | c
awk '{pr
conda c$(vateint}' x bash
a | b |> y
conda activate a enter g
conda activate b
