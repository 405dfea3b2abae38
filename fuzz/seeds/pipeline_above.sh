#!/bin/bash
a | b | c
awk '{print}' x > y
conda activate a | e > g
conda activate b
